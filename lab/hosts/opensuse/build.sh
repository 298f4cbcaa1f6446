#!/bin/bash
# Builds the layer that turns the base into a host with openSUSE Tumbleweed's conventions: zypper
# instead of yum.
# Needs: root, its own mount namespace, a registry of Debian packages; usage: build.sh BASE LAYER
# APT_SOURCES.
# Leaves: LAYER, to be mounted over BASE.  Second run: fails, because LAYER must not exist.
set -euo pipefail
umask 022
base=${1:?base} layer=${2:?layer} sources=${3:?apt sources}
[ ! -e "$layer" ] || {
  echo "build.sh: $layer: already exists; remove it first" >&2
  exit 1
}
here=$(cd "$(dirname "$0")" && pwd)

scratch=$(mktemp -d "$layer.XXXXXX") root=
cleanup() {
  [ -z "$root" ] || umount "$root"
  rm -rf "$scratch"
}
trap cleanup EXIT
mkdir -p "$scratch"/{upper,work,root,debs/partial,lists/partial}
mount -t overlay opensuse \
  -o "lowerdir=$base,upperdir=$scratch/upper,workdir=$scratch/work,xino=off" "$scratch/root"
root=$scratch/root
inside() { DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"; }

inside dpkg --purge dnf dnf-plugins-core
rm -rf "$root"/usr/bin/{yum,yum-config-manager,yumdownloader} "$root"/usr/sbin/chkconfig
rm \
  -rf \
  "$root"/etc/{yum,yum.conf,yum.repos.d,dnf,sysconfig/selinux} \
  "$root"/etc/{centos,redhat,system}-release
inside rpm -e --justdb --nodeps centos-release yum yum-utils dnf chkconfig

# This machine's apt downloads the missing packages; it reads the root's package database and keeps
# separate lists.
fetch=(apt-get -qq -o Dir::Etc::sourcelist="$sources" -o Dir::Etc::sourceparts=-
  -o Dir::State::lists="$scratch/lists"
  -o Dir::State::status="$root/var/lib/dpkg/status" -o Dir::Cache::archives="$scratch/debs"
  -o Dir::Cache::pkgcache=
  -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root -o APT::Install-Recommends=false)
"${fetch[@]}" update
"${fetch[@]}" --download-only -y install zypper
install -D -t "$root/tmp/debs" "$scratch"/debs/*.deb
inside sh -c 'dpkg --install /tmp/debs/*.deb'
rm -rf "$root/tmp/debs"

(cd "$here/files" && find . -type f) |
  while read -r file; do install -D -m 644 "$here/files/$file" "$root/$file"; done
umount "$root"
root=
mv "$scratch/upper" "$layer"
