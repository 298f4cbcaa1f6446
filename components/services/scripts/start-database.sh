# Starts MariaDB and enables it at boot, because the guide needs it (steps 17 and 22), also after a
# reboot.
# Needs: unit, data (its data directory).
# Leaves: the unit enabled and active.
# Second run: changes nothing. An interrupted first start (the host lost its power) leaves a partial
# database that never starts again; nothing has used it yet, so it is set aside and created again.
# Existing data is never touched.
require_vars unit data

if unfinished; then
  aside=$state/aside/$(date -u +%Y%m%dT%H%M%S)-database
  systemctl stop "$unit" || true
  mkdir -p "$aside"
  find "$data" -mindepth 1 -maxdepth 1 -exec mv -t "$aside" {} +
  changed "set the unfinished database aside in $aside"
elif systemctl is-enabled -q "$unit" && systemctl is-active -q "$unit"; then
  return 0
fi
[ -n "$(ls -A "$data" 2>/dev/null)" ] || begin
run "read journalctl -u $unit on this host" systemctl enable "$unit"
run "read journalctl -u $unit on this host" systemctl start "$unit"
finish
changed "$unit enabled and started"
