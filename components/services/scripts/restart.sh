# Restarts a service that must read its inputs again.
# Needs: deadline (seconds for its start), and what quote-logs.sh needs. Leaves: the service OK.
# Second run: restarts it again; the caller checks whether that is necessary.

stopped() { service_rows | grep -xF "$1 Not monitored" >/dev/null; }

# restart SERVICE: stop it, check that it is down, start it, and wait until it is OK.
restart() {
  local remedy="read $logs/$1/ on this host, fix what it reports, then run pulumi up again"
  run "$remedy" monit stop "$1"
  wait_for 120 stopped "$1" || fail "$1 is still running two minutes after monit stop $1" "$remedy"
  run "$remedy" monit start "$1"
  wait_for "$deadline" all_ok "$1" || fail_gate "$1"
  changed "$1 restarted"
}
