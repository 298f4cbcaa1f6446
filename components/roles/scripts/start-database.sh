# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Starts MariaDB and makes it start at boot: the guide needs it running (steps 17 and 22), also after a reboot.
# Needs: unit. Leaves: the unit enabled and active. Second run: changes nothing.
needs unit

systemctl is-enabled -q "$unit" && systemctl is-active -q "$unit" && return 0
tool "see journalctl -u $unit on this host" systemctl enable "$unit"
tool "see journalctl -u $unit on this host" systemctl start "$unit"
changed "$unit enabled and started"
