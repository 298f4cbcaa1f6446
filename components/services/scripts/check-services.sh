# Verifies that every service that monit supervises on this host is OK (guide, Verify the
# Installation).
# Needs: services (those of the host's roles), excluded (services that the stack excludes and
# nothing starts), deadline (seconds; Initializing is allowed until then), and what quote-logs.sh
# needs.
# Leaves: nothing. Second run: checks again.
require_vars services excluded deadline logs log_names quoted guarded

# due: print the services to check: all that monit supervises, and all that the plan names, which
# monit must know.
due() {
  local supervised
  supervised=$(service_rows | cut -d' ' -f1 |
    grep -vxF ${excluded[@]+"${excluded[@]/#/-e}"} -e '') || true
  printf '%s\n' "${services[@]}" "$supervised" | sort -u | grep .
}
# shellcheck disable=SC2046 # names contain no spaces
all_due_ok() { all_ok $(due); }

# shellcheck disable=SC2046 # names contain no spaces
wait_for "$deadline" all_due_ok || fail_gate $(due)
