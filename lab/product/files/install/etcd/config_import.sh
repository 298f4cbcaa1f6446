#!/bin/bash
# Imports this node's properties and data routing into etcd.
# Needs: root, keys, the configuration server's settings, endpoints, an initialized etcd. Leaves:
# the files in etcd.
# Second run: imports the current files again.
# shellcheck source=../../lib/common.sh
. /usr/illumon/latest/lib/common.sh

import() {
  [ $# = 0 ] || fail "takes no arguments"
  require_keys
  require_etcd_client
  require_file "$DH_CLIENT/single/host" "run dh_config_server_init.sh first"
  require_file /etc/sysconfig/illumon.d/resources/iris-endpoints.prop \
    "run set_iris_endpoints_prop.sh first"
  dh_python properties --import /usr/illumon/latest/etc/iris-defaults.prop \
    /etc/sysconfig/illumon.d/resources/*.prop \
    /etc/sysconfig/illumon.d/resources/routing_service.yml ||
    fail "the import into etcd is incomplete"
}
run_logged import "$@"
