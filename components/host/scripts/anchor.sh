# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Prepares the host for the steps, and ends its services when the host leaves the stack.
# Needs: units, the systemd units to end, monit's first; systemd, a directory that is there when it runs. Called as "anchor" or, by the resource's delete, as "leave".
# Leaves: a staging directory that only the ssh user can write to; after "leave", nothing running and all data in place.
# Second run: changes nothing.
needs units systemd

leave() {
  local unit
  if systemctl is-active -q "${units[0]}"; then
    stop_all 'stop them by hand (monit stop all), then run pulumi destroy again'
    changed 'Deephaven services stopped'
  fi
  for unit in "${units[@]}"; do
    systemctl is-active -q "$unit" || continue
    tool "stop $unit by hand, then run pulumi destroy again" systemctl stop "$unit"
    tool "disable $unit by hand, then run pulumi destroy again" systemctl disable "$unit"
    changed "$unit stopped"
  done
}

if [ "$1" = leave ]; then
  leave
  return 0
fi
[ -d "$systemd" ] || fail 'this host does not run systemd' 'the guide needs CentOS or RHEL 7 or later, or openSUSE Tumbleweed'
staging=/var/tmp/deephaven-install
if [ -L "$staging" ] || [ "$(stat -c %u:%a "$staging" 2>/dev/null)" != "${SUDO_UID:-0}:700" ]; then
  [ ! -L "$staging" ] || rm -f "$staging" # anyone may have put it there
  install -d -m 0700 -o "${SUDO_UID:-0}" -g "${SUDO_GID:-0}" "$staging"
  changed "staging directory $staging"
fi
