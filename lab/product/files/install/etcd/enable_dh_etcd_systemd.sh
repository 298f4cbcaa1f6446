#!/bin/bash
# Creates, enables and starts the systemd unit of this host's etcd member.
# Needs: root, a complete /etc/etcd/dh/latest. Leaves: the unit, enabled and started; without
# --sequential it waits up to ten minutes for all members. Second run: the same unit; a running
# member keeps running.
# shellcheck source=../../lib/common.sh
. /usr/illumon/latest/lib/common.sh

write_unit() {
  local config=$ETCD_HOME/latest/config.yaml
  cat >"/etc/systemd/system/$ETCD_UNIT.service" <<UNIT
[Unit]
Description=Deephaven etcd
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
User=etcd
Environment=GOMAXPROCS=$(sed -n 's/^# max-procs: //p' "$config")
ExecStart=/usr/bin/etcd --config-file=$config
Restart=on-failure
RestartSec=1
TimeoutStartSec=infinity
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
UNIT
}

all_present() {
  local count
  count=$(tr ',' '\n' <"$ETCD_CLIENT/endpoints" | grep -c https)
  [ \
    "$(DH_ETCD_DIR=$ETCD_CLIENT "$DH_LATEST/bin/etcdctl.sh" --command-timeout=3s endpoint status -w simple 2>/dev/null | wc -l)" \
    = "$count" ]
}

wait_for_peers() {
  local deadline=$((SECONDS + 600))
  until all_present; do
    [ $SECONDS -lt $deadline ] ||
      fail "not all etcd members came up within ten minutes: run this script on each of them"
    systemctl -q is-failed "$ETCD_UNIT" && fail "$ETCD_UNIT stopped: see journalctl -u $ETCD_UNIT"
    sleep 0.5
  done
  echo "all etcd members are present"
}

enable() {
  case ${1:-} in
    '' | --sequential) ;;
    *) fail "unknown argument $1" ;;
  esac
  require_file "$ETCD_HOME/latest/config.yaml" \
    "no etcd configuration on this node, unpackage it first"
  require_file "$ETCD_HOME/latest/ssl/server.key" \
    "the configuration in latest has no ssl: see Troubleshooting in the guide"
  require_etcd_client
  write_unit
  systemctl daemon-reload
  systemctl enable "$ETCD_UNIT" 2>&1
  systemctl start --no-block "$ETCD_UNIT"
  [ "${1:-}" = --sequential ] || wait_for_peers
}
run_logged enable "$@"
