#!/bin/bash
# Runs one lab host until it powers off, and starts it again when it reboots.
# Needs: root, a mount name space of its own, the working directory where LAYERS, UPPER, WORK and ROOT are relative to.
# Leaves: nothing mounted; whatever is mounted here goes with the mount name space.  Second run: not while the first lasts.
set -euo pipefail
umask 022
: "${CGROUP:?path below the unified hierarchy}" "${MACHINE:?short name}" "${FQDN:?}" "${NAMESPACE:?network name space}"
: "${SHARED:?directory of all hosts}" "${LAYERS:?lower directories}" "${UPPER:?}" "${WORK:?}" "${ROOT:?}" "${PACKAGES:?yum repository}"

# A machine that mounts cgroup version 1 beside 2 would show both; the host shall see version 2 alone.
if [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
  if mountpoint -q /sys/fs/cgroup; then umount -R /sys/fs/cgroup; fi
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
fi
enter_cgroup() { echo $$ >"/sys/fs/cgroup/$CGROUP/cgroup.procs"; }
enter_cgroup

mkdir -p /run/systemd/nspawn
mount -t tmpfs -o mode=755 tmpfs /run/systemd/nspawn # nspawn's locks and sockets, apart from other labs'
rm -rf "$WORK/work/incompat"
# A directory below a snapshot can be renamed as on any disk only with redirect_dir.
mount -t overlay "$MACHINE" -o "lowerdir=$LAYERS,upperdir=$UPPER,workdir=$WORK,xino=off,redirect_dir=on" "$ROOT"

# Network settings can be changed inside; /tmp is on disk as in CentOS 7.
export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network SYSTEMD_NSPAWN_TMPFS_TMP=0
reboot=133
while :; do
  status=0
  systemd-nspawn --quiet --register=no --keep-unit --settings=no --boot --machine="$MACHINE" --hostname="$FQDN" \
    --directory="$ROOT" --network-namespace-path="/run/netns/$NAMESPACE" --capability=CAP_NET_ADMIN,CAP_IPC_LOCK \
    --link-journal=no --resolv-conf=off --timezone=off --console=pipe --kill-signal=SIGRTMIN+4 \
    --bind-ro="$PACKAGES:/srv/labrepo" --bind="$SHARED:/srv/shared" || status=$?
  [ "$status" = "$reboot" ] || exit "$status"
  enter_cgroup # nspawn moved this process below; a new start needs it where it was
done
