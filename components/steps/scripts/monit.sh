# shellcheck shell=bash
# What steps ask monit. Its summary exits 0 even when services are down, so its rows are read.
# Needs: monit running with its http interface. Leaves: nothing. Second run: the same.

# service_rows: a line for each supervised service: its name, a blank, its status.
service_rows() {
  monit -B summary 2>/dev/null | awk 'NR > 2 && NF > 2 && $NF != "System" {
    name = $1; $1 = ""
    sub(/ (Process|Program|File|Directory|Filesystem|Fifo|Network|Remote Host) *$/, ""); sub(/^ +/, "")
    print name " " $0 }'
}

# all_stopped: monit answers, and supervises nothing any more.
all_stopped() { monit -B summary >/dev/null 2>&1 && ! service_rows | grep -v ' Not monitored$'; }

# stop_all REMEDY: stop every service and wait until all are stopped.
stop_all() {
  run "$1" monit stop all
  wait_for 120 all_stopped || fail 'services still run two minutes after monit stop all' "$1"
}

# not_ok NAME...: print the rows, of these services or of all, that are not OK; a missing one counts.
# Older monit prints Running for processes.
not_ok() {
  local rows name row
  rows=$(service_rows)
  [ -n "$rows" ] || printf 'monit shows no service\n'
  # shellcheck disable=SC2046 # names have no blanks
  [ $# -gt 0 ] || set -- $(cut -d' ' -f1 <<<"$rows")
  for name in "$@"; do
    grep -qxF -e "$name OK" -e "$name Running" <<<"$rows" && continue
    row=$(awk -v name="$name" '$1 == name' <<<"$rows")
    printf '%s\n' "${row:-$name is not known to monit}"
  done
}

# monitor_host: `monit stop all` stops the watch of the host itself too, and starting services does not bring it back.
monitor_host() {
  local host
  host=$(monit -B summary 2>/dev/null | awk '$NF == "System" && /Not monitored/ { print $1 }')
  [ -z "$host" ] || monit monitor "$host"
}

# all_ok NAME...: wake the daemon, whose own cycle is longer than any start, and say whether all are OK.
all_ok() {
  monit >/dev/null 2>&1 || true
  [ -z "$(not_ok "$@")" ]
}
