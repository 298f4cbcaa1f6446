# Imports a transferred archive: the vendor's script unpacks it (guide, steps 9, 10 and 21).
# Needs: file (where the script looks for it), transferred (its digest at the source), command,
# which unpacks it, results (files that exist afterwards); the archive itself in $state/incoming.
# Leaves: the results, and no copy of the archive: it may contain the cluster's private keys.
# Second run: unpacks only a different archive, or the same one if a result has changed.
require_vars file transferred command results

incoming=$state/incoming/$1 unpacked=$state/transferred/$1
install -d -m 0700 "${unpacked%/*}"
digest=$(digest_of "$incoming")
[ "$digest" = "$transferred" ] || fail "$file arrived damaged" 'run pulumi up again'
if remembers "$unpacked" "$digest" && up_to_date; then
  rm -f "$incoming" "$incoming".*
  return 0
fi
locate_archive "$file"
mkdir -p "${archive%/*}"
mv -fT "$incoming" "$archive"
run_vendor 'read the log, fix what it reports, then run pulumi up again' "${command[@]}"
for result in "${results[@]}"; do
  [ -s "$result" ] ||
    fail "unpacking ${file##*/} did not create $result" \
      'read the log; the paths are defined in the release profile'
done
rm -f "$archive" "$incoming".* # left by interrupted runs
remember "$unpacked" "$digest"
track_file "${results[@]}"
changed "unpacked ${file##*/}"
