# Generates the etcd cluster's configuration and keys on the first member, once in the cluster's
# life (guide, step 7).
# Needs: command (config_generator.sh with its arguments), servers (the directory of server
# configurations), config and ssl (names inside one), data (etcd's data directory); archive (all
# members' configuration, which the first run creates) and restore (the command that unpacks this
# member's).
# Leaves: SERVERS/<token>/ with both, and the link "latest" to it.
# Second run: changes nothing. A run that was interrupted before etcd ever started is set aside and
# repeated. Two tokens with one half each are joined by the guide's recipe (Troubleshooting). Files
# that were changed or removed since are restored from the archive.
require_vars command servers config ssl data archive restore

# lost: true if a receipt proves that the configuration was generated, although it is missing now.
lost() { [ -e "$receipt" ] && ! complete; }
complete() { [ -e "$servers/latest/$config" ] && [ -e "$servers/latest/$ssl" ]; }

# join_halves: if latest has only the configuration and exactly one other token has only ssl, move
# ssl over.
join_halves() {
  local halves=() token
  # the half that was moved
  [ -z "$interrupted" ] || find "$servers" -mindepth 1 -maxdepth 1 -type d -empty -delete
  [ -e "$servers/latest/$config" ] && [ ! -e "$servers/latest/$ssl" ] || return 0
  for token in "$servers"/*/; do
    [ "$(realpath "$token")" = "$(realpath "$servers/latest")" ] || [ ! -e "$token$ssl" ] ||
      [ -e "$token$config" ] || halves+=("$token")
  done
  [ "${#halves[@]}" = 1 ] || return 0
  mv "${halves[0]}$ssl" "$servers/latest/"
  rmdir "${halves[0]}" 2>/dev/null || true
  changed "moved $ssl into $servers/latest, as in the guide's Troubleshooting"
}

# set_aside: move the files of an interrupted attempt, which no etcd has used yet, out of the way.
set_aside() {
  local aside
  aside=$state/aside/$(date -u +%Y%m%dT%H%M%S)
  [ -z "$(find "$data" -mindepth 1 -name member 2>/dev/null)" ] ||
    fail "config_generator was interrupted earlier, but etcd has data in $data" \
      "check whether that data belongs to this cluster; if not, move it away, then run pulumi up again"
  mkdir -p "$aside"
  find "$servers" -mindepth 1 -maxdepth 1 -exec mv -t "$aside" {} +
  changed "set the unfinished configuration aside in $aside"
}

locate_archive "$archive"
[ ! -d "$servers" ] || join_halves
if { drifted || lost; } && [ -s "$archive" ]; then
  run_vendor "read the log; the archive is $archive" "${restore[@]}"
  complete ||
    fail "unpacking $archive did not create $config and $ssl in $servers/latest" \
      'read the log and the guide, Troubleshooting'
  track_file "$servers/latest/$config"
  changed "this member's configuration restored from its archive; etcd reads it at its next start"
  return 0
fi
if complete && ! unfinished; then
  track_file "$servers/latest/$config"
  return 0
fi
etcd_has_data() { [ -n "$(find "$data" -mindepth 1 -name member -print -quit 2>/dev/null)" ]; }
if unfinished; then
  [ ! -d "$servers" ] || set_aside
elif etcd_has_data; then
  fail "etcd has data in $data, but its configuration in $servers/latest is missing or incomplete" \
    "restore $servers from a backup: a new one would not match that data; or move the data away if nothing uses it, then run pulumi up again"
elif [ -e "$receipt" ]; then
  fail \
    "etcd's configuration and its archive ${archive##*/} are missing, although they were generated here" \
    "restore $servers from a backup: a new one would not match the other hosts"
elif [ -n "$(find "$servers" -mindepth 1 2>/dev/null)" ]; then
  fail "$servers contains a configuration that is incomplete or was not created by this program" \
    "complete $servers/latest with $config and $ssl (guide, Troubleshooting), or empty $servers if nothing uses it, then run pulumi up again"
fi
begin
run_vendor \
  'read the log, fix what it reports, then run pulumi up again: it sets the interrupted run aside' \
  "${command[@]}"
complete ||
  fail "config_generator did not create $config and $ssl in $servers/latest" \
    'read the log and the guide, Troubleshooting'
finish
track_file "$servers/latest/$config"
changed 'etcd configuration and keys generated'
