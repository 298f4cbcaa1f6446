# Creates the ACL database on a server outside of the cluster from the guide's two SQL files (guide,
# step 17).
# Needs: client (mysql with the server's address), user and the secret password of an account that
# may do so; sql (the files; {release.full} is the version of the installed package), database,
# account with the secret account_password (how the services log in), file (where they find it),
# owner.
# Leaves: database and account on that server; on this host the account's password, readable only by
# its owner.
# Second run: changes nothing; a database that this program did not create is never touched.
require_vars client user sql package database account file owner password account_password

# The client reads the password from a file of this run, for root only: arguments are visible to all
# accounts. A backslash starts an escape in that file.
(umask 077 && printf '[client]\nuser=%s\npassword="%s"\n' "$user" "${password//\\/\\\\}" \
  >"$work/login")
query() { "${client[0]}" --defaults-extra-file="$work/login" "${client[@]:1}"; }
remedy="check its error log and the privileges of $user, then run pulumi up again"

found=$(query <<<"show databases like '$database'") ||
  fail "the database server rejects $user or does not answer: ${client[*]:1}" \
    'check services.acl_database: host, user, password'
if [ -z "$found" ] || unfinished; then
  begin
  version=$(rpm -q --qf '%{VERSION}' "$package") ||
    fail "$package is not installed" 'check the step product'
  placeholder='{release.full}'
  for statements in "${sql[@]//"$placeholder"/$version}"; do
    [ -s "$statements" ] ||
      fail "$statements is missing" \
        'check its path under acl.sql in the release profile; the product installs it'
    query <"$statements" || fail "the database server rejected $statements" "$remedy"
  done
  finish
  changed "ACL database $database created"
elif [ ! -e "$receipt" ] && ! finished; then
  fail "the database $found exists and was not created by this program" \
    "drop it if nothing needs it, or restore this cluster's receipt $receipt, then run pulumi up again"
fi
encoded() { base64 <<<"$account_password"; }
if install_file "$file" 0400 "$owner:$owner" encoded; then
  query <<SQL || fail "the database server rejected the account $account" "$remedy"
create user if not exists '$account'@'%';
alter user '$account'@'%' identified by '$account_password';
grant all on $database.* to '$account'@'%';
SQL
  changed "account $account set up"
fi
