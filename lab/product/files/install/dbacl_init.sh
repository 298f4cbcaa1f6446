#!/bin/bash
# Creates the ACL database dbacl_iris in the MariaDB of this host, with its tables, accounts and
# database user.
# Needs: root, MariaDB running here, the SQL files. Leaves: the database; the user's password for
# the services.
# Second run: keeps the data and the password.
# shellcheck source=../lib/common.sh
. /usr/illumon/latest/lib/common.sh

grant() { # the statements are sent on standard input because arguments are visible to all users
  local password
  password=$(base64 -d "$DH_AUTH/.dbacl_passphrase")
  mysql <<SQL
CREATE USER IF NOT EXISTS 'irisadmin'@'%';
ALTER USER 'irisadmin'@'%' IDENTIFIED BY '$password';
GRANT ALL ON dbacl_iris.* TO 'irisadmin'@'%';
SQL
}

init() {
  [ $# = 0 ] || fail "takes no arguments"
  local sql=$DH_CONF/$DH_BUILD/sql file
  command -v mysql >/dev/null || fail "MariaDB is not installed on this host"
  mysql -e 'SELECT 1' >/dev/null ||
    fail "MariaDB does not answer: start it (systemctl start mariadb)"
  for file in "$sql/init.sql" "$sql/iris-users.sql"; do
    require_file "$file" "install the product again"
    mysql <"$file" || fail "MariaDB rejected $file"
  done
  install -d -o irisadmin -g irisadmin "$DH_AUTH"
  if [ ! -s "$DH_AUTH/.dbacl_passphrase" ]; then
    install -m 400 -o irisadmin -g irisadmin \
      <(openssl rand -hex 16 | base64) "$DH_AUTH/.dbacl_passphrase"
  fi
  grant || fail "MariaDB rejected the user"
  echo "database dbacl_iris is ready"
}
run_logged --sensitive init "$@"
