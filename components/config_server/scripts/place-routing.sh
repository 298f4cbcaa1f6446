# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Puts the stack's data routing where the import takes it from (guide, Adding Servers, 7), as it is written.
# Needs: file, document (YAML text); the file's directory says who owns it. Leaves: the file.
# Second run: writes it only when it differs.
require_vars file document

[ -d "${file%/*}" ] || fail "the directory ${file%/*} for the data routing is missing" "check its path under routing.file in the release profile; the product creates it"
if printf '%s' "$document" | install_file "$file" 0644 "$(stat -c %U:%G "${file%/*}")"; then
  changed "data routing written to $file"
fi
track_file "$file"
