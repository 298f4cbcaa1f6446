# Waits until all members are present and agree on one leader, so that the installation can continue
# (guide, step 11).
# Needs: command (etcdctl.sh endpoint status -w json), members (how many), deadline (seconds).
# Leaves: nothing. Second run: checks again.
require_vars command members deadline

# The answer lacks an unreachable member and the command exits with 1, so members are counted by
# their ids.
present() {
  local answer
  answer=$("${command[@]}" 2>"$work/error") || true
  ids=$(grep -o '"member_id":[0-9]*' <<<"$answer" | sort -u | wc -l)
  leaders=$(grep -o '"leader":[1-9][0-9]*' <<<"$answer" | sort -u | wc -l)
  [ "$ids" = "$members" ] && [ "$leaders" = 1 ]
}

wait_for "$deadline" present ||
  fail "$ids of $members etcd members are present, with $leaders leaders" \
    "check on each member that etcd runs and reaches its peers on port 2380, then run pulumi up again"
