# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Verifies that every service monit knows on this host is OK (guide, Verify the Installation).
# Needs: services (what the roles should have brought), deadline (seconds; Initializing is allowed until then), logs.
# Leaves: nothing. Second run: looks again.
needs services deadline logs

if ! until_true "$deadline" all_ok || [ -n "$(not_ok "${services[@]}")" ]; then
  wrong=$({ not_ok && not_ok "${services[@]}"; } | sort -u | tr '\n' ';')
  fail "after $deadline s not OK: $wrong" "see $logs/<service>/ on this host for the first of them, mend it, then run pulumi up again"
fi
