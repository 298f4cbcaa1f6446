# shellcheck shell=bash disable=SC2154 # inputs come from the plan; the relay says carried
# Takes a file that was carried here and puts it at the same place as on the host that it came from.
# Needs: file, carried (its digest at the source), mode; its directory says who owns it; the file in $state/incoming.
# Leaves: the file. Second run: writes it only when it differs.
needs file carried mode

incoming=$state/incoming/$1
[ "$(digest_of "$incoming")" = "$carried" ] || fail "$file arrived damaged" 'run pulumi up again'
if put "$file" "$mode" "$(stat -c %U:%G "${file%/*}")" <"$incoming"; then
  changed "$file placed"
fi
rm -f "$incoming" "$incoming".* # what a run left that broke off
watch "$file"
