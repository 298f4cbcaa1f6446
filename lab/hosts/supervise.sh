#!/bin/bash
# Runs one lab host until it powers off, and starts it again when it reboots.
# Needs: root, its own mount namespace, the working directory to which LAYERS, UPPER, WORK and ROOT
# are relative.
# Leaves: nothing mounted, because mounts end with the mount namespace. Second run: not while the
# first one runs.
set -euo pipefail
umask 022
: "${CGROUP:?path below the unified hierarchy}" "${MACHINE:?short name}" "${FQDN:?}" \
  "${NAMESPACE:?network namespace}"
: "${SHARED:?directory that all hosts share}" "${LAYERS:?lower directories}" "${UPPER:?}" \
  "${WORK:?}" "${ROOT:?}" "${PACKAGES:?yum repository}"

# A machine may mount cgroup versions 1 and 2; the host must see only version 2.
if [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
  if mountpoint -q /sys/fs/cgroup; then umount -R /sys/fs/cgroup; fi
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
fi
enter_cgroup() { echo $$ >"/sys/fs/cgroup/$CGROUP/cgroup.procs"; }
enter_cgroup

mkdir -p /run/systemd/nspawn
# keep nspawn's locks and sockets separate from those of other labs
mount -t tmpfs -o mode=755 tmpfs /run/systemd/nspawn
rm -rf "$WORK/work/incompat"
# Without redirect_dir, directories of a snapshot could not be renamed.
mount -t overlay "$MACHINE" \
  -o "lowerdir=$LAYERS,upperdir=$UPPER,workdir=$WORK,xino=off,redirect_dir=on" "$ROOT"

# Network settings can be changed inside the host; /tmp is on disk as in CentOS 7.
export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network SYSTEMD_NSPAWN_TMPFS_TMP=0
reboot=133
while :; do
  status=0
  systemd-nspawn --quiet --register=no --keep-unit --settings=no --boot --machine="$MACHINE" \
    --hostname="$FQDN" \
    --directory="$ROOT" --network-namespace-path="/run/netns/$NAMESPACE" \
    --capability=CAP_NET_ADMIN,CAP_IPC_LOCK \
    --link-journal=no --resolv-conf=off --timezone=off --console=pipe --kill-signal=SIGRTMIN+4 \
    --bind-ro="$PACKAGES:/srv/labrepo" --bind="$SHARED:/srv/shared" || status=$?
  [ "$status" = "$reboot" ] || exit "$status"
  # nspawn moved this process to a cgroup below; nspawn must start from the host's own cgroup
  enter_cgroup
done
