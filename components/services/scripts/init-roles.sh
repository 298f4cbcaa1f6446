# Lets monit supervise the services of this host's roles (guide, step 22).
# Needs: command (monit_init.sh --role; the role follows), roles, services (the services of these
# roles).
# Leaves: monit's fragments of these roles, and monit reloaded. Services that are new to monit are
# left to the gates: monit would start them in its own order, and each that waits for one not yet
# started blocks all others.
# Second run: runs monit_init.sh for new roles, and for all roles if monit lacks a service;
# reloading monit restarts no service.
require_vars command roles services

configured=$state/roles
mkdir -p "$configured"
if [ -n "$(ls "$configured")" ] && not_ok "${services[@]}" |
  grep 'not known to monit$' >/dev/null; then
  rm -f "$configured"/*
fi
for role in "${roles[@]}"; do
  [ ! -e "$configured/$role" ] || continue
  run_vendor 'read the log, fix what it reports, then run pulumi up again' "${command[@]}" "$role"
  changed "monit role $role set up"
  begin # monit reads it at its next reload
  : >"$configured/$role"
done
if unfinished; then
  before=$(service_rows | cut -d' ' -f1)
  # an interrupted run may have reloaded already: then those that do not run are new
  [ -z "$interrupted" ] || before=$(service_rows | sed -n 's/ \(OK\|Running\)$//p')
  run 'check what monit reports on this host' monit reload
  # for a moment, monit answers with its previous configuration
  wait_for 20 all_known "${services[@]}" || monit -B summary >/dev/null 2>&1 ||
    fail 'monit does not answer after its reload' 'read journalctl -u monit on this host'
  for service in $(service_rows | cut -d' ' -f1); do
    grep -qxF "$service" <<<"$before" || monit unmonitor "$service" || true
  done
  finish
fi
