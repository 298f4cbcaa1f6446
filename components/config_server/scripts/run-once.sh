# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Runs one of the vendor's scripts that leaves no result to look at: CUS (step 18), routing (19), import (20).
# Needs: command, with its arguments; what, in words for the operator.
# Leaves: what the vendor's script does.
# Second run: changes nothing while the arguments are the same; a run that broke off is done again.
require_vars command what

if ! up_to_date || unfinished; then
  begin
  run_vendor 'read the log, fix what it reports, then run pulumi up again' "${command[@]}"
  finish
  changed "$what"
fi
