# Writes the cluster manifest, from which later updates read what was deployed (hosts, roles,
# ordinals, build).
# Needs: manifest (JSON without this host's own facts), truststore. No secrets.
# Leaves: /var/lib/deephaven-install/cluster.json. Second run: writes it only if its content
# differs; of several manifests, the one written last counts.
require_vars manifest truststore

[ -s "$truststore" ] ||
  fail "$truststore is missing" \
    "check the steps keygen and auth: this host has lost the cluster's keys"
file=$state/cluster.json
keys=$(sha256sum <"$truststore" | cut -c1-16)
form='"state": "complete", "cluster": %s, "key_generation": "%s"'
form="$form, \"written_on\": {\"host\": \"%s\", \"machine_id\": \"%s\"}}"
# shellcheck disable=SC2059 # the form is the line above
printf -v text "$form" "$manifest" "$keys" "${step_host%% *}" "$(cat /etc/machine-id)"
if [ "$(cut -d, -f2- "$file" 2>/dev/null)" != " $text" ]; then
  install_file "$file" 0600 root:root \
    printf '{"written": "%s", %s\n' "$(date -u +%FT%TZ)" "$text" ||
    true
  changed 'cluster manifest written'
fi
track_file "$file"
