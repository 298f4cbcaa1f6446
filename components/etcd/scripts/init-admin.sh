# Initializes the etcd cluster, once in its life (guide, step 12).
# Needs: command (admin_init.sh), users (etcdctl.sh user list).
# Leaves: etcd's own root user and whatever else the vendor sets up.
# Second run: changes nothing, because the root user exists. After an interruption, authentication
# must be enabled as well: that needs the root user, so it is the last part of the initialization.
require_vars command users

listed() { "${users[@]}" >"$work/users" 2>&1; }
# An etcd that does not answer may be initialized already.
initialized() {
  wait_for 10 listed ||
    fail "etcd does not list its users: $(end_of "$work/users" 300 2)" \
      'check etcd with etcdctl.sh endpoint status (guide, Troubleshooting), then run pulumi up again'
  grep -qx root "$work/users"
}

# etcdctl's own words, when it has logged in to an etcd that needs no login
open() { grep -qi 'authentication is not enabled' "$work/users"; }

if initialized; then
  ! { unfinished && open; } ||
    fail \
      'admin_init.sh was interrupted earlier: etcd has a root user, but authentication is not enabled' \
      "read the log, complete the initialization on this host, check it with the guide's endpoint status command, then remove $attempt and run pulumi up again"
  return 0
fi
begin
run_vendor \
  'check etcd with etcdctl.sh endpoint status (guide, Troubleshooting), then run pulumi up again' \
  "${command[@]}"
initialized ||
  fail 'admin_init.sh succeeded, but etcd has no root user' 'read the log, then run pulumi up again'
finish
changed 'etcd cluster initialized'
