#!/bin/bash
# Configures the configuration server, and its address for the clients.
# Needs: root, the keys generated on this node, an initialized etcd. Leaves:
# dh-config/clients/single/{host,port,cacert} and the server's entry in etcd. Second run: the same.
# shellcheck source=../lib/common.sh
. /usr/illumon/latest/lib/common.sh

init() {
  [[ ${1:-} == --server && $# -gt 1 ]] || fail "--server needs the FQDN of the configuration server"
  shift
  require_file "$DH_AUTH/keystore.configuration_server.p12" \
    "run this on the node where iris_keygen.sh was run"
  require_etcd_client
  install -d "$DH_CLIENT/single" "$DH_CLIENT/multi"
  echo "$1" >"$DH_CLIENT/single/host"
  echo "$CONFIG_PORT" >"$DH_CLIENT/single/port"
  install -m 444 "$DH_AUTH/truststore-iris.pem" "$DH_CLIENT/single/cacert"
  printf '%s\n' "$@" >"$DH_CLIENT/multi/hosts"
  chown -R irisadmin:irisadmin "$DH_CONF/dh-config"
  dh_python etcd_admin put /dh/configuration-servers "$*" ||
    fail "etcd rejected the configuration server's entry"
  echo "configuration server $* configured in $DH_CLIENT"
}
run_logged init "$@"
