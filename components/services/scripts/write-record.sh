# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Writes the cluster record, from which a later update knows what was there (hosts, roles, ordinals, build).
# Needs: record (JSON without this host's own facts), truststore. No secrets.
# Leaves: /var/lib/deephaven-install/cluster.json. Second run: writes it only when it says something else; of several
# records the one written last counts.
needs record truststore

[ -s "$truststore" ] || fail "there is no $truststore" 'the cluster has lost its keys here; see the steps keygen and auth'
file=$state/cluster.json
keys=$(sha256sum <"$truststore" | cut -c1-16)
text=$(printf '"state": "complete", "cluster": %s, "key_generation": "%s", "written_on": {"host": "%s", "machine_id": "%s"}}' "$record" "$keys" "${step_host%% *}" "$(cat /etc/machine-id)")
if [ "$(cut -d, -f2- "$file" 2>/dev/null)" != " $text" ]; then
  printf '{"written": "%s", %s\n' "$(date -u +%FT%TZ)" "$text" | put "$file" 0600 root:root || true
  changed 'cluster record written'
fi
watch "$file"
