# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Loads endpoints and data routing into etcd when they have changed since the last import (guide, Adding Servers, 6 and 7).
# Needs: endpoints, routing (etcd_prop_file --import for each; the file follows), file (of the routing), declared (what
# both were made from: another one runs this step).
# Leaves: both files in etcd. Second run: imports nothing; right after the import of all (step 20) neither.
require_vars endpoints routing file declared

done_before=$state/imported
mkdir -p "$done_before"

# import FILE COMMAND...: load a file that etcd does not have yet.
import() {
  local file=$1 known digest
  shift
  known=$done_before/${file##*/}
  [ -s "$file" ] || fail "$file is missing" 'read the logs of the steps endpoints and routing'
  digest=$(digest_of "$file")
  [ "$(cat "$known" 2>/dev/null)" != "$digest" ] || return 0
  if [ -e "$known" ] || [ ! "$state/receipts/config-import.json" -nt "$file" ]; then
    run_vendor 'read the log, fix what it reports, then run pulumi up again' "$@" "$file"
    changed "${file##*/} imported into etcd"
  fi
  printf '%s\n' "$digest" >"$known"
}

written=$(grep -o '"/[^"]*": "[0-9a-f]\{64\}"' "$state/receipts/endpoints.json" 2>/dev/null | cut -d'"' -f2 | head -n 1)
[ -n "$written" ] || fail 'the receipt of the step endpoints does not name the file it wrote' 'run pulumi up again: it runs that step first'
import "$written" "${endpoints[@]}"
import "$file" "${routing[@]}"
