# shellcheck shell=bash disable=SC2154 # inputs come from the plan, `transferred` from the transfer
# Takes a file that was transferred here and lets the vendor's script unpack it (guide, steps 9, 10 and 21).
# Needs: file (where the script looks for it), transferred (its digest at the source), command that unpacks it, results
# (files that are there afterwards); the file itself in $state/incoming.
# Leaves: the results, and no copy of the archive: it may hold the cluster's private keys.
# Second run: unpacks only another archive than the last time, or when a result has changed.
require_vars file transferred command results

incoming=$state/incoming/$1 taken=$state/transferred/$1
install -d -m 0700 "${taken%/*}"
digest=$(digest_of "$incoming")
[ "$digest" = "$transferred" ] || fail "$file arrived damaged" 'run pulumi up again'
if [ "$(cat "$taken" 2>/dev/null)" = "$digest" ] && up_to_date; then
  rm -f "$incoming" "$incoming".*
  return 0
fi
locate_archive "$file"
mkdir -p "${archive%/*}"
mv -fT "$incoming" "$archive"
run_vendor 'read the log, fix what it reports, then run pulumi up again' "${command[@]}"
for result in "${results[@]}"; do
  [ -s "$result" ] || fail "unpacking ${file##*/} left no $result" 'read the log; the paths are defined in the release profile'
done
rm -f "$archive" "$incoming".* # what a run left that broke off
printf '%s\n' "$digest" >"$taken"
track_file "${results[@]}"
changed "unpacked ${file##*/}"
