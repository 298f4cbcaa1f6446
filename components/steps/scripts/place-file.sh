# shellcheck shell=bash disable=SC2154 # inputs come from the plan, `transferred` from the transfer
# Takes a file that was transferred here and puts it at the same place as on the host that it came from.
# Needs: file, transferred (its digest at the source), mode; its directory says who owns it; the file in $state/incoming.
# Leaves: the file. Second run: writes it only when it differs.
require_vars file transferred mode

incoming=$state/incoming/$1
[ "$(digest_of "$incoming")" = "$transferred" ] || fail "$file arrived damaged" 'run pulumi up again'
if install_file "$file" "$mode" "$(stat -c %U:%G "${file%/*}")" <"$incoming"; then
  changed "$file placed"
fi
rm -f "$incoming" "$incoming".* # what a run left that broke off
track_file "$file"
