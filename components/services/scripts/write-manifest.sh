# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Writes the cluster manifest, from which a later update reads what was deployed (hosts, roles, ordinals, build).
# Needs: manifest (JSON without this host's own facts), truststore. No secrets.
# Leaves: /var/lib/deephaven-install/cluster.json. Second run: writes it only when it says something else; of several
# manifests the one written last counts.
require_vars manifest truststore

[ -s "$truststore" ] || fail "$truststore is missing" "check the steps keygen and auth: the cluster has lost its keys here"
file=$state/cluster.json
keys=$(sha256sum <"$truststore" | cut -c1-16)
text=$(printf '"state": "complete", "cluster": %s, "key_generation": "%s", "written_on": {"host": "%s", "machine_id": "%s"}}' "$manifest" "$keys" "${step_host%% *}" "$(cat /etc/machine-id)")
if [ "$(cut -d, -f2- "$file" 2>/dev/null)" != " $text" ]; then
  printf '{"written": "%s", %s\n' "$(date -u +%FT%TZ)" "$text" | install_file "$file" 0600 root:root || true
  changed 'cluster manifest written'
fi
track_file "$file"
