# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Creates the ACL database (guide, step 17).
# Needs: command (dbacl_init.sh), exists (a command that prints the database's name when it is there).
# Leaves: the database with the vendor's accounts.
# Second run: changes nothing; a database that this program did not make is never touched.
require_vars command exists

found=$("${exists[@]}") || fail 'the database server does not answer to root' 'see whether it runs and lets root in through its socket'
if [ -n "$found" ] && ! unfinished; then
  [ -e "$receipt" ] || fail "there is a database $found that this program did not create" "drop it if nothing needs it, or put this cluster's receipt back to $receipt, then run pulumi up again"
  return 0
fi
begin
run_vendor 'see whether the database server runs; read the log, then run pulumi up again' "${command[@]}"
[ -n "$("${exists[@]}")" ] || fail 'dbacl_init.sh ended well, but there is no ACL database' 'read the log, then run pulumi up again'
finish
changed 'ACL database created'
