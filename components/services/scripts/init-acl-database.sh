# Creates the ACL database (guide, step 17).
# Needs: command (dbacl_init.sh), exists (a command that prints the database's name if it exists).
# Leaves: the database with the vendor's accounts.
# Second run: changes nothing; a database that this program did not create is never touched.
require_vars command exists

found=$("${exists[@]}") ||
  fail 'the database server rejects root or does not answer' \
    'check that it runs and accepts root on its socket'
if [ -n "$found" ] && ! unfinished; then
  [ -e "$receipt" ] || finished ||
    fail "the database $found exists and was not created by this program" \
      "drop it if nothing needs it, or restore this cluster's receipt $receipt, then run pulumi up again"
  return 0
fi
begin
run_vendor 'check that the database server runs; read the log, then run pulumi up again' \
  "${command[@]}"
[ -n "$("${exists[@]}")" ] ||
  fail 'dbacl_init.sh succeeded, but the ACL database is missing' \
    'read the log, then run pulumi up again'
finish
changed 'ACL database created'
