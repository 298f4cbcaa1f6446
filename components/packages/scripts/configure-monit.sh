# Lets monit's http interface listen on localhost only, with a password of this cluster, and starts
# monit (guide, step 3).
# Needs: control, include, port, unit, and the secret password.
# Leaves: INCLUDE/deephaven-http, readable only by root; the control file without the packaged "set
# httpd".
# Second run: changes nothing; a new password reloads monit, which restarts no service.
require_vars control include port unit password

# without_httpd: print the control file without the packaged statement, whose password is public, up
# to the next one.
without_httpd() {
  awk '/^[ \t]*set[ \t]+httpd/ { drop = 1; next }
       drop && /^[ \t]*(use|allow|signature|with|ssl|pemfile|read-only|#)/ { next }
       { drop = 0; print }' "$control"
}

with_include() { cat "$control" && printf 'include %s/*\n' "$include"; }

reload=
if grep -Eq '^[[:space:]]*set[[:space:]]+httpd' "$control"; then
  install_file "$control" 0600 root:root without_httpd || true
  reload=yes
fi
if ! grep -Eq "^[[:space:]]*include[[:space:]]+$include/" "$control"; then
  install_file "$control" 0600 root:root with_include || true
  reload=yes
fi
if install_file "$include/deephaven-http" 0600 root:root \
  printf 'set httpd port %s\n  use address localhost\n  allow localhost\n  allow admin:%s\n' \
  "$port" "$password"; then
  reload=yes
fi
[ -z "$reload" ] || changed 'monit answers on localhost only, with a password of this cluster'
run "fix the control file $control, then run pulumi up again" monit -t
if ! systemctl is-enabled -q "$unit" || ! systemctl is-active -q "$unit"; then
  run "read journalctl -u $unit on this host" systemctl enable "$unit"
  run "read journalctl -u $unit on this host" systemctl start "$unit"
  changed 'monit enabled and started'
elif [ -n "$reload" ]; then
  run "read journalctl -u $unit on this host" monit reload
fi
wait_for 30 monit -B summary >/dev/null 2>&1 ||
  fail 'monit does not answer' "read journalctl -u $unit on this host"
track_file "$include/deephaven-http"
