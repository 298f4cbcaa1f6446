#!/bin/bash
# Adds the conventions of CentOS 7 and the lab's login user to the built root file system.
# Needs: root, build.sh's ROOT; usage: customize.sh ROOT.
# Leaves: ROOT, complete except for the entries of its RPM database.  Second run: the same result.
set -euo pipefail
umask 022
root=${1:?root directory}
here=$(cd "$(dirname "$0")" && pwd)

# Modes are set here because those of a checkout depend on the user's umask.
(cd "$here/files" && find . -type f -perm -u+x) |
  while read -r file; do install -D -m 755 "$here/files/$file" "$root/$file"; done
(cd "$here/files" && find . -type f ! -perm -u+x) |
  while read -r file; do install -D -m 644 "$here/files/$file" "$root/$file"; done
chmod 440 "$root/etc/sudoers.d/wheel"

install -d "$root"/srv/labrepo "$root"/var/lib/rpm "$root"/var/log/journal \
  "$root"/etc/pki/{tls/certs,tls/private,rpm-gpg}
ln -sfn /etc/ssl/certs/ca-certificates.crt "$root/etc/pki/tls/certs/ca-bundle.crt"
ln -sfn centos-release "$root/etc/redhat-release"
ln -sfn centos-release "$root/etc/system-release"
ln -sfn dnf/dnf.conf "$root/etc/yum.conf"
ln -sfn dnf "$root/etc/yum"
ln -sfn dnf-3 "$root/usr/bin/yum"

grep -q '^wheel:' "$root/etc/group" || chroot "$root" groupadd -r wheel
grep -q '^centos:' "$root/etc/passwd" || chroot "$root" useradd -m -s /bin/bash -G wheel centos
chroot "$root" install -d -m 700 -o centos -g centos /home/centos/.ssh

rm -f "$root"/etc/update-motd.d/* # CentOS does not compute a message at each login

# Each host gets its own keys and identity before its first start.
rm -f "$root"/etc/ssh/ssh_host_*
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root/etc/resolv.conf"
ln -sfn /etc/machine-id "$root/var/lib/dbus/machine-id"
: >"$root/etc/resolv.conf"

grep -v '^#' "$here/masked-units.txt" |
  while read -r unit; do ln -sfn /dev/null "$root/etc/systemd/system/$unit"; done
ln -sfn /usr/lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
# a container cannot read the kernel's log
sed -i 's/^module(load="imklog")/#&/' "$root/etc/rsyslog.conf"
sed -i 's/^hosts:.*/hosts:          files myhostname dns/' "$root/etc/nsswitch.conf"
sed -i 's/^# *en_US.UTF-8/en_US.UTF-8/' "$root/etc/locale.gen"
chroot "$root" locale-gen >/dev/null
