# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Restarts services that read at their start what has changed since (guide, Adding Servers, 10), one after the other.
# Needs: services, learned (for each a digest of what it reads), deadline (seconds for each), and what quote-logs.sh
# needs.
# Leaves: each service OK with what is declared now.
# Second run: restarts nothing. A service seen for the first time has started with it, and is not restarted either.
needs services learned deadline logs log_names quoted guarded

known=$state/learned
mkdir -p "$known"
stopped() { service_rows | grep -qxF "$1 Not monitored"; }

for n in "${!services[@]}"; do
  service=${services[n]}
  if [ -e "$known/$service" ] && [ "$(cat "$known/$service")" != "${learned[n]}" ]; then
    remedy="see $logs/$service/ on this host, mend it, then run pulumi up again"
    tool "$remedy" monit stop "$service"
    until_true 120 stopped "$service" || fail "$service still runs two minutes after monit was told to stop it" "$remedy"
    tool "$remedy" monit start "$service"
    until_true "$deadline" all_ok "$service" || fail_gate "$service"
    changed "$service restarted"
  fi
  printf '%s\n' "${learned[n]}" >"$known/$service"
done
