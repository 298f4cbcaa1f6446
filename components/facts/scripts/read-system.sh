# Reads what this machine is, for read-facts.sh: system, memory, limits, accounts, listening ports;
# no secret is read.
# Needs: accounts, and say of read-facts.sh. Leaves: nothing. Second run: the same.

system() {
  local key value start
  # shellcheck source=/dev/null
  (. /etc/os-release && say os "$ID" "${VERSION_ID:-}" "${PRETTY_NAME:-$ID}")
  read -r key value <<<"$(uname -nm)"
  say host_name "$key"
  say architecture "$value"
  read -r value </etc/machine-id
  say machine_id "$value"
  say cpus "$(nproc)"
  say open_files "$(ulimit -Hn)"
  say selinux "$(getenforce 2>/dev/null)"
  say systemd "$([ ! -d /run/systemd/system ] || printf yes)"
  while IFS=$': \t' read -r key value _; do
    case $key in MemTotal | SwapTotal) say "$key" "$value" ;; esac
  done </proc/meminfo
  # The start of the first process, in hundredths of a second: a container starts later than its
  # machine.
  read -r start </proc/1/stat
  read -ra start <<<"${start##*) }"
  while read -r key value; do
    [ "$key" != btime ] || say boot_time "$((value + start[19] / 100))"
  done </proc/stat
  getent passwd "${accounts[@]}" |
    while IFS=: read -r key _ value start _; do say account "$key" "$value" "$start"; done
}

listening() {
  ss -ltnp | awk 'NR > 1 {
    port = $4; sub(/.*:/, "", port)
    who = match($0, /\(\("[^"]*"/) ? substr($0, RSTART + 3, RLENGTH - 4) : ""
    if (!seen[port]++) print "listening\t" port "\t" who }'
}
