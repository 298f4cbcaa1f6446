# Runs a vendor script that leaves nothing to check: CUS (step 18), routing (19), import (20).
# Needs: command, with its arguments; what (the change, in words for the operator).
# Leaves: what the vendor's script does.
# Second run: changes nothing while the arguments are the same; a run that was interrupted before
# the vendor's script had succeeded is repeated.
require_vars command what

if ! finished_as_declared && { unfinished || ! current_receipt; }; then
  begin
  run_vendor 'read the log, fix what it reports, then run pulumi up again' "${command[@]}"
  finish
  changed "$what"
fi
