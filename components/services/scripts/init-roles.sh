# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Gives monit the services of this host's roles (guide, step 22).
# Needs: command (monit_init.sh --role; the role follows), roles, services (what they bring).
# Leaves: monit's fragments of these roles, and monit reloaded. Services that are new to monit are left for the gates:
# monit would start them in its own order, and each that waits for one not yet started holds up all others.
# Second run: runs monit_init.sh for new roles, and for all roles when monit lacks a service; reloading
# monit restarts no service.
require_vars command roles services

done_before=$state/roles
mkdir -p "$done_before"
if [ -n "$(ls "$done_before")" ] && not_ok "${services[@]}" | grep -q 'not known to monit$'; then
  rm -f "$done_before"/*
fi
for role in "${roles[@]}"; do
  [ ! -e "$done_before/$role" ] || continue
  run_vendor 'read the log, fix what it reports, then run pulumi up again' "${command[@]}" "$role"
  changed "monit role $role"
  begin # monit reads it at its next reload
  : >"$done_before/$role"
done
if unfinished; then
  known=$(service_rows | cut -d' ' -f1)
  run 'check what monit reports on this host' monit reload
  wait_for 30 monit -B summary >/dev/null 2>&1 || fail 'monit does not answer after its reload' 'read journalctl -u monit on this host'
  for service in $(service_rows | cut -d' ' -f1); do
    grep -qxF "$service" <<<"$known" || monit unmonitor "$service" || true
  done
  finish
fi
