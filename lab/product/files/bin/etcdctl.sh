#!/bin/bash
# Runs etcdctl with the endpoints, certificates and account of the client configuration in
# DH_ETCD_DIR.
# Needs: that directory, readable.  Leaves: the changes of etcdctl.  Second run: as etcdctl.
set -euo pipefail
dir=${DH_ETCD_DIR:-/etc/sysconfig/illumon.d/etcd/client/root}
[ -r "$dir/endpoints" ] || {
  echo \
    "etcdctl.sh failed: cannot read $dir/endpoints: set DH_ETCD_DIR, use sudo" >&2
  exit 1
}
export ETCDCTL_API=3
ETCDCTL_USER=$(<"$dir/user"):$(<"$dir/password")
export ETCDCTL_USER
exec /usr/illumon/latest/etcd/etcdctl --endpoints="$(<"$dir/endpoints")" --cacert="$dir/cacert" \
  --cert="$dir/cert" --key="$dir/key" "$@"
