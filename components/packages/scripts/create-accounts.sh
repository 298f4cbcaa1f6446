# Creates the product's accounts with the stack's ids, before its RPM would create them with
# arbitrary ones.
# Needs: names, uids, gids (one element for each account), home (the directory of their homes),
# shell.
# Leaves: each account with a primary group of its name, and no home directory.
# Second run: changes nothing. An account with other ids is refused, because its files would belong
# to nobody.
require_vars names uids gids home shell

create_account() {
  local name=$1 uid=$2 gid=$3 found owner
  if found=$(getent passwd "$name"); then
    IFS=: read -r _ _ owner found _ <<<"$found"
    [ "$owner:$found" = "$uid:$gid" ] ||
      fail "the account $name is $owner:$found, the stack declares $uid:$gid" \
        "correct accounts in the stack file, or stop the services and change the ids and all files of $name on this host"
    return 0
  fi
  owner=$(getent passwd "$uid" | cut -d: -f1) || true # getent fails if there is none
  [ -z "$owner" ] ||
    fail "the uid $uid of $name belongs to $owner" \
      'choose another uid under accounts in the stack file'
  found=$(getent group "$name" | cut -d: -f3) || true
  owner=$(getent group "$gid" | cut -d: -f1) || true
  [ -z "$found" ] || [ "$found" = "$gid" ] ||
    fail "the group $name is $found, the stack declares $gid" \
      'correct accounts in the stack file, or change the group on this host'
  [ -n "$owner" ] ||
    run 'fix what groupadd reports, then run pulumi up again' groupadd -r -g "$gid" "$name"
  run 'fix what useradd reports, then run pulumi up again' useradd -r -M -u "$uid" -g "$gid" \
    -d "$home/$name" -s "$shell" -c Deephaven "$name"
  changed "account $name created as $uid:$gid"
}

for i in "${!names[@]}"; do
  create_account "${names[i]}" "${uids[i]}" "${gids[i]}"
done
