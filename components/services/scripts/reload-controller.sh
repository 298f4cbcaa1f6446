# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Lets the controller rebuild its list of query servers (guide, Adding Servers, 11).
# Needs: command (service iris controller_tool --reload), queries (the query servers' names).
# Leaves: a controller that knows them. Second run: changes nothing while they are the same; a controller that has just
# been installed has read them at its start.
require_vars command queries

if [ -e "$receipt" ] && ! up_to_date; then
  run_vendor 'check that the controller runs on this host, then run pulumi up again' "${command[@]}"
  changed "the controller knows the query servers ${queries[*]}"
fi
