# How steps query and control monit; `monit summary` exits with 0 even when services are down, so
# its rows are read.
# Needs: monit running with its http interface. Leaves: nothing. Second run: the same.

# service_rows: print a line for each supervised service: its name, a space, its status.
service_rows() {
  { monit -B summary 2>/dev/null || true; } | awk 'NR > 2 && NF > 2 && $NF != "System" {
    name = $1; $1 = ""
    sub(/ (Process|Program|File|Directory|Filesystem|Fifo|Network|Remote Host) *$/, "")
    sub(/^ +/, "")
    print name " " $0 }'
}

# all_stopped: true if monit answers and no longer monitors any service.
all_stopped() { monit -B summary >/dev/null 2>&1 && ! service_rows | grep -v ' Not monitored$'; }

# stop_all REMEDY: stop every service and wait until all are stopped.
stop_all() {
  run "$1" monit stop all
  wait_for 120 all_stopped ||
    fail 'services are still running two minutes after monit stop all' "$1"
}

# not_ok [NAME...]: print the rows of these services, or of all services, that are not OK; a missing
# row is not OK either.
# Older versions of monit print Running for processes.
not_ok() {
  local rows name row
  rows=$(service_rows)
  [ -n "$rows" ] || printf 'monit lists no services\n'
  # shellcheck disable=SC2046 # names contain no spaces
  [ $# -gt 0 ] || set -- $(cut -d' ' -f1 <<<"$rows")
  for name in "$@"; do
    grep -qxF -e "$name OK" -e "$name Running" <<<"$rows" && continue
    row=$(awk -v name="$name" '$1 == name' <<<"$rows")
    printf '%s\n' "${row:-$name is not known to monit}"
  done
}

# all_known NAME...: true if monit lists all of these services.
all_known() { [ -n "$(service_rows)" ] && ! not_ok "$@" | grep 'not known to monit$' >/dev/null; }

# monitor_host: monitor the host itself again. `monit stop all` ends that too, and starting services
# does not resume it.
monitor_host() {
  local host
  host=$({ monit -B summary 2>/dev/null || true; } |
    awk '$NF == "System" && /Not monitored/ { print $1 }')
  [ -z "$host" ] || monit monitor "$host"
}

# all_ok NAME...: wake the daemon, whose own cycle is longer than any start; true if all services
# are OK.
all_ok() {
  monit >/dev/null 2>&1 || true
  [ -z "$(not_ok "$@")" ]
}
