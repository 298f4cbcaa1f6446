# Replaces the etcd member on this host, which lost its data: removes it and adds it again under its
# own name.
# Needs: command (etcdctl.sh member), health (etcdctl.sh endpoint health), address (this member's).
# Leaves: the member unstarted, until etcd runs here. Source: etcd's documentation on replacing a
# member.
# Second run: changes nothing while the member is unstarted or healthy; adds a member that was
# removed and not added yet.
require_vars command health address

remedy='run etcdctl.sh member list on another member, fix what it reports, then run pulumi up again'
record=$state/etcd-replaced # name and peer address between removal and addition
listed=$("${command[@]}" list) || fail 'etcd does not list its members' "$remedy"
row=$(grep -F "//$address:" <<<"$listed") || [ -s "$record" ] ||
  fail "etcd has no member at $address" "$remedy"
if [ -n "$row" ]; then
  IFS=', ' read -r id status name peers _ <<<"$row"
  if [ "$status" = unstarted ]; then
    rm -f "$record"
    return 0
  fi
  answers=$("${health[@]}" 2>&1) || true # it fails if one endpoint is not healthy
  ! grep -F "//$address:" <<<"$answers" | grep ' is healthy' >/dev/null || return 0
  healthy=$(grep -c ' is healthy' <<<"$answers") || true
  all=$(grep -c . <<<"$listed")
  [ "$((healthy * 2))" -gt "$all" ] ||
    fail "$healthy of $all etcd members are healthy, too few to replace this one" \
      'start etcd on the other members first'
  remember "$record" "$name $peers"
  run "$remedy" "${command[@]}" remove "$id"
fi
read -r name peers <"$record"
run "$remedy" "${command[@]}" add "$name" "--peer-urls=$peers"
rm -f "$record"
changed "etcd expects $name as an empty member"
