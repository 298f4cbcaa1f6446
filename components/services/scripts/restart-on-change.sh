# Restarts services whose inputs at their start have changed since (guide, Adding Servers, 10), one
# after the other.
# Needs: services, digests (for each, one of what it reads), deadline (seconds for each), and what
# quote-logs.sh needs.
# Leaves: each service OK with what is declared now.
# Second run: restarts nothing. A service without a record has just started with it and is not
# restarted either, unless an earlier run did not succeed: what was declared may have changed since.
require_vars services digests deadline logs log_names quoted guarded

started=$state/started-with
mkdir -p "$started"

for n in "${!services[@]}"; do
  service=${services[n]}
  if [ -e "$started/$service" ] || [ -n "$interrupted" ]; then
    ! remembers "$started/$service" "${digests[n]}" || continue
    restart "$service"
  fi
  remember "$started/$service" "${digests[n]}"
done
