# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Makes the etcd cluster's configuration and keys on the first member, once in a cluster's life (guide, step 7).
# Needs: command (config_generator.sh with its arguments), servers (the directory of server configurations), config and
# ssl (names inside one), data (etcd's data directory); archive (all members' configuration, which the first run leaves)
# and restore (the command that unpacks this member's).
# Leaves: SERVERS/<token>/ with both, and the link "latest" to it.
# Second run: changes nothing. A run that broke off before etcd ever started is set aside and done again; the state that
# the guide describes under Troubleshooting (two tokens, each with half) is mended by the guide's recipe. What was changed
# or removed since is unpacked from the archive again.
require_vars command servers config ssl data archive restore

# made_before: a receipt tells that it was made, though nothing is there and the receipt itself may be damaged.
made_before() { [ -e "$receipt" ] && ! complete; }
complete() { [ -e "$servers/latest/$config" ] && [ -e "$servers/latest/$ssl" ]; }

# mend_halves: latest has only the configuration and exactly one other token has only ssl: move ssl over.
mend_halves() {
  local halves=() token
  [ -e "$servers/latest/$config" ] && [ ! -e "$servers/latest/$ssl" ] || return 0
  for token in "$servers"/*/; do
    [ "$(realpath "$token")" = "$(realpath "$servers/latest")" ] || [ ! -e "$token$ssl" ] || [ -e "$token$config" ] || halves+=("$token")
  done
  [ "${#halves[@]}" = 1 ] || return 0
  mv "${halves[0]}$ssl" "$servers/latest/"
  rmdir "${halves[0]}" 2>/dev/null || true
  changed "moved $ssl into $servers/latest, as the guide's Troubleshooting says"
}

# set_aside: an attempt that broke off left files that no etcd has used yet; keep them out of the way.
set_aside() {
  local aside
  aside=$state/aside/$(date -u +%Y%m%dT%H%M%S)
  [ -z "$(find "$data" -mindepth 1 -name member 2>/dev/null)" ] ||
    fail "config_generator broke off earlier, but etcd has data in $data" "look whether that data is of this cluster; if not, move it away, then run pulumi up again"
  mkdir -p "$aside"
  find "$servers" -mindepth 1 -maxdepth 1 -exec mv -t "$aside" {} +
  changed "set the unfinished configuration aside in $aside"
}

locate_archive "$archive"
[ ! -d "$servers" ] || mend_halves
if { drifted || made_before; } && [ -s "$archive" ]; then
  run_vendor "read the log; the archive is $archive" "${restore[@]}"
  complete || fail "unpacking $archive left no $config and $ssl in $servers/latest" 'read the log and the guide, Troubleshooting'
  track_file "$servers/latest/$config"
  changed "this member's configuration unpacked from its archive again; etcd reads it when it starts the next time"
  return 0
fi
if complete && ! unfinished; then
  track_file "$servers/latest/$config"
  return 0
fi
if unfinished; then
  [ ! -d "$servers" ] || set_aside
elif [ -e "$receipt" ]; then
  fail "etcd's configuration was made here, and is gone together with its archive ${archive##*/}" "restore $servers from a backup: another one would fit no other host"
elif [ -n "$(find "$servers" -mindepth 1 2>/dev/null)" ]; then
  fail "$servers holds a configuration that is neither whole nor made by this program" "bring $servers/latest to hold $config and $ssl (guide, Troubleshooting), or empty $servers if nothing uses it, then run pulumi up again"
fi
begin
run_vendor 'read the log; a run that broke off is set aside by the next pulumi up' "${command[@]}"
complete || fail "config_generator left no $config and $ssl in $servers/latest" 'read the log and the guide, Troubleshooting'
finish
track_file "$servers/latest/$config"
changed 'etcd configuration and keys generated'
