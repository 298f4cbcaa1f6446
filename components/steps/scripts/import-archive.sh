# shellcheck shell=bash disable=SC2154 # inputs come from the plan; the relay says carried
# Takes a file that was carried here and lets the vendor's script unpack it (guide, steps 9, 10 and 21).
# Needs: file (where the script looks for it), carried (its digest at the source), command that unpacks it, results
# (files that are there afterwards); the file itself in $state/incoming.
# Leaves: the results, and no copy of the archive: it may hold the cluster's private keys.
# Second run: unpacks only another archive than the last time, or when a result has changed.
needs file carried command results

incoming=$state/incoming/$1 taken=$state/carried/$1
install -d -m 0700 "${taken%/*}"
digest=$(digest_of "$incoming")
[ "$digest" = "$carried" ] || fail "$file arrived damaged" 'run pulumi up again'
if [ "$(cat "$taken" 2>/dev/null)" = "$digest" ] && already; then
  rm -f "$incoming" "$incoming".*
  return 0
fi
see_archive "$file"
mkdir -p "${archive%/*}"
mv -fT "$incoming" "$archive"
vendor 'read the log, mend what it says, then run pulumi up again' "${command[@]}"
for result in "${results[@]}"; do
  [ -s "$result" ] || fail "unpacking ${file##*/} left no $result" 'read the log; the places stand in the release profile'
done
rm -f "$archive" "$incoming".* # what a run left that broke off
printf '%s\n' "$digest" >"$taken"
watch "${results[@]}"
changed "unpacked ${file##*/}"
