# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Initializes the etcd cluster, once in its life (guide, step 12).
# Needs: command (admin_init.sh), users (etcdctl.sh user list).
# Leaves: etcd's own root user and whatever else the vendor sets up.
# Second run: changes nothing, because the root user exists.
require_vars command users

listed() { "${users[@]}" >"$work/users" 2>&1; }
# An etcd that does not answer may be initialized already.
initialized() {
  wait_for 10 listed || fail "etcd does not list its users: $(end_of "$work/users" 300 2)" 'check etcd with etcdctl.sh endpoint status (guide, Troubleshooting), then run pulumi up again'
  grep -qx root "$work/users"
}

if initialized; then
  ! unfinished || fail "admin_init.sh was interrupted earlier, and etcd already has a root user" "check on this host that the guide's endpoint status command answers; if it does, remove $attempt, then run pulumi up again"
  return 0
fi
begin
run_vendor 'check etcd with etcdctl.sh endpoint status (guide, Troubleshooting), then run pulumi up again' "${command[@]}"
initialized || fail 'admin_init.sh succeeded, but etcd has no root user' 'read the log, then run pulumi up again'
finish
changed 'etcd cluster initialized'
