# Makes the controller reload its list of query servers (guide, Adding Servers, 11).
# Needs: command (service iris controller_tool --reload), queries (the query servers' names).
# Leaves: a controller that uses them. Second run: changes nothing while they are the same; a newly
# installed controller reads them when it starts.
require_vars command queries

if { [ -e "$receipt" ] || [ -n "$interrupted" ]; } && ! up_to_date; then
  run_vendor 'check that the controller runs on this host, then run pulumi up again' "${command[@]}"
  changed "controller reloaded with the query servers ${queries[*]}"
fi
