# Imports endpoints and data routing into etcd if they have changed since the last import (guide,
# Adding Servers, 6 and 7).
# Needs: endpoints, routing (etcd_prop_file --import for each; the file follows), file (of the
# routing), declared (what both are generated from, so that a change of it runs this step).
# Leaves: both files in etcd. Second run: imports nothing; neither does a run right after the full
# import (step 20).
require_vars endpoints routing file declared

imported=$state/imported
mkdir -p "$imported"

# import FILE COMMAND...: import a file that etcd does not have yet.
import() {
  local file=$1 record digest
  shift
  record=$imported/${file##*/}
  [ -s "$file" ] || fail "$file is missing" 'read the logs of the steps endpoints and routing'
  digest=$(digest_of "$file")
  ! remembers "$record" "$digest" || return 0
  if [ -e "$record" ] || [ ! "$state/receipts/config-import.json" -nt "$file" ]; then
    run_vendor 'read the log, fix what it reports, then run pulumi up again' "$@" "$file"
    changed "${file##*/} imported into etcd"
  fi
  remember "$record" "$digest"
}

receipt_of=$state/receipts/endpoints.json
written=$(grep -o '"/[^"]*": "[0-9a-f]\{64\}"' "$receipt_of" 2>/dev/null | cut -d'"' -f2) || true
written=${written%%$'\n'*}
[ -n "$written" ] ||
  fail 'the receipt of the step endpoints does not name the file it wrote' \
    'run pulumi up again: it runs that step first'
import "$written" "${endpoints[@]}"
import "$file" "${routing[@]}"
