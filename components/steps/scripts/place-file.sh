# Places a transferred file at the same path as on its source.
# Needs: file, transferred (its digest at the source), mode; the file itself in $state/incoming.
# Leaves: the file, owned by the owner of its directory. Second run: writes it only if it differs.
require_vars file transferred mode

incoming=$state/incoming/$1
[ "$(digest_of "$incoming")" = "$transferred" ] ||
  fail "$file arrived damaged" 'run pulumi up again'
if install_file "$file" "$mode" "$(stat -c %U:%G "${file%/*}")" cat "$incoming"; then
  changed "$file placed"
fi
rm -f "$incoming" "$incoming".* # left by interrupted runs
track_file "$file"
