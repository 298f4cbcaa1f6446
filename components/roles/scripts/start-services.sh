# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Starts services that are not OK and waits until they are: one gate in the guide's order of starting.
# Needs: services (their names in monit), deadline (seconds), logs (where services log).
# Leaves: these services OK. Second run: starts nothing that is OK.
needs services deadline logs

first=$(not_ok "${services[@]}")
while read -r service status; do
  case $status in
    '' | *known*) ;; # not yet read by monit: waited for below
    *) monit start "$service" || true ;;
  esac
done <<<"$first"
monitor_host
if ! until_true "$deadline" all_ok "${services[@]}"; then
  wrong=$(not_ok "${services[@]}" | tr '\n' ';')
  fail "after $deadline s not OK: $wrong" "see $logs/<service>/ on this host for the first of them, mend it, then run pulumi up again"
fi
[ -z "$first" ] || changed "started $(cut -d' ' -f1 <<<"$first" | tr '\n' ' ')"
