#!/bin/bash
# Initializes the etcd cluster: creates etcd's root user and turns on authentication.
# Needs: root, the etcd client configuration, a cluster with a quorum. Leaves: authentication on,
# with the user and password of the client configuration. Second run: fails, because authentication
# is already on.
# shellcheck source=../../lib/common.sh
. /usr/illumon/latest/lib/common.sh

init() {
  [ $# = 0 ] || fail "takes no arguments"
  require_etcd_client
  dh_python etcd_admin init || fail "etcd was not initialized"
}
run_logged --sensitive init "$@"
