# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Writes the cluster record, from which a later update knows what was there (hosts, roles, ordinals, build).
# Needs: record (JSON without this host's own facts), truststore. No secrets.
# Leaves: /var/lib/deephaven-install/cluster.json. Second run: writes it only when it says something else.
needs record truststore

[ -s "$truststore" ] || fail "there is no $truststore" 'this host must be the one of iris_keygen; see the step keygen'
keys=$(sha256sum <"$truststore" | cut -c1-16)
text=$(printf '{"cluster": %s, "key_generation": "%s", "written_on": {"host": "%s", "machine_id": "%s"}}' "$record" "$keys" "${step_host%% *}" "$(cat /etc/machine-id)")
if put "$state/cluster.json" 0600 root:root <<<"$text"; then
  changed 'cluster record written'
fi
