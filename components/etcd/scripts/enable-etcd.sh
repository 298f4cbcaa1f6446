# Enables and starts the etcd member on this host without waiting for its peers (guide, step 11).
# Needs: command (enable_dh_etcd_systemd.sh --sequential), unit, root (where any etcd keeps its data
# on a host), data (where this cluster's etcd does), joins (the member's configuration, if it
# rejoins an existing cluster without its data).
# Leaves: the unit enabled and started; the next gate checks whether all members are present.
# Second run: starts the unit if it is down, and changes nothing otherwise.
require_vars command unit root data

# initial_state STATE: etcd reads this once, before it has data; it is reset afterwards, because a
# changed file is drift.
initial_state() {
  [ -z "${joins:-}" ] ||
    install_file "$joins" "$(stat -Lc %a "$joins")" "$(stat -Lc %U:%G "$joins")" sed \
      "s/^initial-cluster-state:.*/initial-cluster-state: $1/" "$joins" || true
}
joined() {
  [ -n "${joins:-}" ] || return 0
  wait_for 60 systemctl is-active -q "$unit" || fail 'etcd did not join its cluster' "$remedy"
  initial_state new
}

remedy="read journalctl -u $unit on this host"
if systemctl is-enabled -q "$unit" 2>/dev/null; then
  case $(systemctl is-active "$unit" || true) in
    active | activating) ;;
    *)
      run "$remedy" systemctl start --no-block "$unit"
      changed "$unit started"
      ;;
  esac
  [ -z "$interrupted" ] || joined
  return 0
fi
foreign=$(find "$root" -maxdepth 3 -type d -name member ! -path "$data/*" -print -quit \
  2>/dev/null) || true
[ -z "$foreign" ] ||
  fail "another etcd keeps data here: $foreign" \
    'list another host under etcd, or remove that data if nothing uses it: Deephaven cannot share an etcd or its servers (guide)'
initial_state existing
# Guide, Troubleshooting: to resolve an Access Denied error here, initialize the systemd daemon
# again.
if ! (run_vendor "$remedy" "${command[@]}"); then
  grep -qi 'access denied' "$work/output" || exit 1
  rm -f "$work/failure"
  systemctl daemon-reexec
  run_vendor "$remedy" "${command[@]}"
fi
systemctl cat "$unit" >/dev/null 2>&1 ||
  fail "the product did not create the systemd unit $unit" \
    "find its name with systemctl list-units '*etcd*' and set it as units.etcd in the release profile"
joined
changed "$unit enabled and started"
