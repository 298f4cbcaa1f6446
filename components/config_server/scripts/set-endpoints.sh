# Sets which service runs on which server (guide, step 16).
# Needs: command (set_iris_endpoints_prop.sh with its arguments), report (the text in front of the
# file name that it prints).
# Leaves: the properties file that the script names.
# Second run: changes nothing while arguments and file are the same.
require_vars command report

! up_to_date || return 0
run_vendor \
  'compare the arguments with set_iris_endpoints_prop.sh --help; they are defined under scripts.endpoints in the release profile' \
  "${command[@]}"
file=$(sed -n "s|.*$report *\(/[A-Za-z0-9._/@+-]*\).*|\1|p" "$work/output" | tail -n 1)
[ -s "$file" ] ||
  fail "set_iris_endpoints_prop.sh did not print the file it wrote after \"$report\"" \
    'read the log, and set endpoints_report in the release profile to what the script prints'
track_file "$file"
changed "endpoints written to $file"
