# Starts services that are not OK and waits until they are: one gate in the guide's order of
# starting.
# Needs: services (their names in monit), deadline (seconds), and what quote-logs.sh needs.
# Leaves: these services OK. Second run: starts nothing that is OK.
require_vars services deadline logs log_names quoted guarded

wait_for 20 all_known "${services[@]}" ||
  fail \
    "monit lacks the service $(not_ok "${services[@]}" | sed -n 's/ is not known to monit$//p' | tr '\n' ' ')" \
    'compare the names with monit summary on this host; they are defined under services in the release profile'
first=$(not_ok "${services[@]}")
while read -r service status; do
  case $status in
    '') ;;
    *) monit start "$service" || true ;;
  esac
done <<<"$first"
monitor_host
wait_for "$deadline" all_ok "${services[@]}" || fail_gate "${services[@]}"
[ -z "$first" ] || changed "started $(cut -d' ' -f1 <<<"$first" | tr '\n' ' ')"
