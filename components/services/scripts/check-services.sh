# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Verifies that every service monit knows on this host is OK (guide, Verify the Installation).
# Needs: services (those of the host's roles), excluded (what the stack declines and nobody starts), deadline
# (seconds; Initializing is allowed until then), and what quote-logs.sh needs.
# Leaves: nothing. Second run: looks again.
require_vars services excluded deadline logs log_names quoted guarded

# What is known to monit counts, also what the plan does not name; what it names must be known.
due() {
  local known
  known=$(service_rows | cut -d' ' -f1 | grep -vxF ${excluded[@]+"${excluded[@]/#/-e}"} -e '') || true
  printf '%s\n' "${services[@]}" "$known" | sort -u | grep .
}
# shellcheck disable=SC2046 # names have no blanks
all_due_ok() { all_ok $(due); }

# shellcheck disable=SC2046 # names have no blanks
wait_for "$deadline" all_due_ok || fail_gate $(due)
