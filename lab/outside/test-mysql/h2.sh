# shellcheck shell=bash
# Makes of a lab host what the stack test-mysql finds outside of its cluster: a MySQL-compatible server.
# Needs: root on the host, the lab's repository. Leaves: the server running, with an account that may make databases.
# Second run: the same; data in it stay.
set -euo pipefail
rpm -q --quiet mariadb-server || yum install -y -q mariadb-server >/dev/null
systemctl enable -q --now mariadb
until mysqladmin ping >/dev/null 2>&1; do sleep 0.2; done
# The password is a lab's and worth nothing; the stack has it as a secret all the same, as a real one would.
mysql <<'SQL'
create user if not exists 'dba'@'%' identified by 'lab-database-password';
grant all on *.* to 'dba'@'%' with grant option;
SQL
