#!/bin/bash
# Runs a root file system as a machine, as its process 1, until standard input ends.
# Needs: root, and its own namespaces for mounts, processes and network; usage: bare_machine.sh ROOT
# CACHES.
# Leaves: nothing; mounts, processes and links disappear with the namespaces. Second run: the same.
set -euo pipefail
root=${1:?root file system} caches=${2:?directory that machines share}
mount --make-rprivate /
mount --bind "$root" "$root" # overlayfs and chroot need a mount point
mkdir -p "$root/var/cache/shared"
mount --bind "$caches" "$root/var/cache/shared"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
ip link set lo up
cd "$root"
# shellcheck disable=SC2016  # the inner shell expands it
exec chroot . bash -c 'echo ready; read -r _ || true'
