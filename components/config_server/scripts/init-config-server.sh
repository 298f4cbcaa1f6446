# Writes the configuration server's settings on the host that has the keys (guide, step 15).
# Needs: command (dh_config_server_init.sh with its argument), client (the directory of client
# settings), server (FQDN).
# Leaves: host, port and cacert in the client directory.
# Second run: changes nothing while these exist and name this server; the guide allows repeating the
# step.
require_vars command client server

complete() {
  [ -s "$client/host" ] && [ -s "$client/port" ] && [ -s "$client/cacert" ] &&
    grep -qxF "$server" "$client/host"
}

if ! complete || ! up_to_date; then
  run_vendor \
    'read the log; the script must run on the host where iris_keygen ran (guide, Troubleshooting)' \
    "${command[@]}"
  complete ||
    fail "$client lacks host, port or cacert for $server" \
      'read the log and the guide, Troubleshooting'
  changed "configuration server settings written for $server"
fi
track_file "$client/host" "$client/port" "$client/cacert"
