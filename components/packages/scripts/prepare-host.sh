# Prepares the host for the steps, and stops its services when the host is removed from the stack.
# Needs: units (the systemd units to stop, monit's first); accounts (of the product, whose processes
# are its services); systemd (a directory that exists while it runs); upload (where Pulumi copies
# files to); manifest ("yes" on a configuration server); runtime and runtime_file (the functions of
# all other steps, and where they read them). Called as "host" or, by the resource's delete, as
# "decommission".
# Leaves: the runtime; an upload directory that only the ssh user can write to, in a place where no
# cleanup removes old files; on a configuration server a cluster manifest that is begun; after
# "decommission", nothing running and all data in place.
# Second run: changes nothing.
require_vars units accounts systemd upload manifest

# product_runs: true if a process of a product account is running.
product_runs() {
  local account
  for account in "${accounts[@]}"; do
    ! pgrep -u "$account" >/dev/null 2>&1 || return 0
  done
  return 1
}

decommission() {
  local unit
  # services outlive monit's daemon, and only monit knows how to stop them
  if ! systemctl is-active -q "${units[0]}" && product_runs; then
    run "start ${units[0]} by hand, then run pulumi destroy again" systemctl start "${units[0]}"
    wait_for 30 monit -B summary >/dev/null 2>&1 ||
      fail 'services are running, but monit does not answer' \
        "read journalctl -u ${units[0]} on this host"
  fi
  if systemctl is-active -q "${units[0]}"; then
    stop_all 'stop them by hand (monit stop all), then run pulumi destroy again'
    changed 'Deephaven services stopped'
  fi
  for unit in "${units[@]}"; do
    systemctl is-active -q "$unit" || continue
    run "stop $unit by hand, then run pulumi destroy again" systemctl stop "$unit"
    run "disable $unit by hand, then run pulumi destroy again" systemctl disable "$unit"
    changed "$unit stopped"
  done
}

if [ "$1" = decommission ]; then
  decommission
  return 0
fi
[ -d "$systemd" ] ||
  fail 'this host does not run systemd' \
    'use CentOS or RHEL 7 or later, or openSUSE Tumbleweed (guide)'
if install_file "$runtime_file" 0600 root:root printf %s "$runtime"; then
  changed 'functions of the steps installed'
fi
# no step of this version uses another one
find "$state/runtime" -type f ! -name "${runtime_file##*/}" -delete
track_file "$runtime_file"
if ! private_to_uploader "$upload"; then
  # a link or another account's directory is removed
  { [ ! -L "$upload" ] && [ "$(stat -c %u "$upload" 2>/dev/null)" = "${SUDO_UID:-0}" ]; } ||
    rm -rf "$upload"
  install -d -m 0700 -o "${SUDO_UID:-0}" -g "${SUDO_GID:-0}" "$upload"
  changed "upload directory $upload"
fi
# From now on, a missing manifest has been lost. None is begun after the step that completes it has
# left its receipt.
if [ -n "$manifest" ] && [ ! -e "$state/cluster.json" ] &&
  [ ! -e "$state/receipts/manifest.json" ]; then
  install_file "$state/cluster.json" 0600 root:root \
    printf \
    '{"written": "%s", "state": "begun", "written_on": {"host": "%s", "machine_id": "%s"}}\n' \
    "$(date -u +%FT%TZ)" "${step_host%% *}" "$(cat /etc/machine-id)"
  changed 'cluster manifest begun'
fi
