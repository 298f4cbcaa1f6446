# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Tells etcd that a member lost its data and comes back empty: removes it and adds it again under its name and address.
# Needs: command (etcdctl.sh member), health (etcdctl.sh endpoint health), address (the member's), replaced (its host).
# Leaves: the member unstarted, until etcd runs on its host. Source: etcd's documentation on replacing a member.
# Second run: changes nothing while the member is awaited or healthy; one that was removed and not yet added is added.
needs command health address replaced

remedy='see etcdctl.sh member list on this host, mend what it says, then run pulumi up again'
kept=$state/etcd-replaced-$address # name and peer address while the member is in no list
row=$("${command[@]}" list | grep -F "//$address:") || [ -s "$kept" ] || fail "etcd has no member at $address" "$remedy"
if [ -n "$row" ]; then
  IFS=', ' read -r id status name peers _ <<<"$row"
  [ "$status" != unstarted ] || return 0
  answers=$("${health[@]}" 2>&1) || true # it fails where one endpoint is not healthy
  ! grep -F "//$address:" <<<"$answers" | grep -q ' is healthy' || return 0
  healthy=$(grep -c ' is healthy' <<<"$answers") || true
  all=$("${command[@]}" list | grep -c .)
  [ "$((healthy * 2))" -gt "$all" ] || fail "$healthy of $all etcd members are healthy, too few to take $replaced in again" 'start etcd on the others first'
  printf '%s %s\n' "$name" "$peers" >"$kept"
  tool "$remedy" "${command[@]}" remove "$id"
fi
read -r name peers <"$kept"
tool "$remedy" "${command[@]}" add "$name" "--peer-urls=$peers"
rm -f "$kept"
changed "etcd awaits $replaced as an empty member"
