# shellcheck shell=bash disable=SC2154 # inputs come from the plan; the relay says carried
# Takes a file that was carried here and puts it at the same place as on the host that it came from.
# Needs: file (it lies beside as FILE.part), carried (its digest at the source), mode; its directory says who owns it.
# Leaves: the file. Second run: writes it only when it differs.
needs file carried mode

[ "$(sha256sum <"$file.part" | cut -d' ' -f1)" = "$carried" ] || fail "$file arrived damaged" 'run pulumi up again'
if put "$file" "$mode" "$(stat -c %U:%G "${file%/*}")" <"$file.part"; then
  changed "$file placed"
fi
rm -f "$file.part"
watch "$file"
