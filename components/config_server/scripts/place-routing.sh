# Writes the stack's data routing, unchanged, to where the import reads it (guide, Adding Servers,
# 7).
# Needs: file, document (YAML text); the owner of the file's directory owns the file. Leaves: the
# file.
# Second run: writes it only if it differs.
require_vars file document

[ -d "${file%/*}" ] ||
  fail "the data routing directory ${file%/*} is missing" \
    "check its path under routing.file in the release profile; the product creates it"
if install_file "$file" 0644 "$(stat -c %U:%G "${file%/*}")" printf '%s' "$document"; then
  changed "data routing written to $file"
fi
track_file "$file"
