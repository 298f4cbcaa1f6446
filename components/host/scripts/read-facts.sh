# shellcheck shell=bash disable=SC2154 # what to look at comes from the plan
# Reads what this host is and holds: a line for each fact, its parts separated by tabs. No secret is read.
# Needs: package, units, accounts, paths, names, addresses, peers (HOST/PORT); receipts and services of read-installed.sh.
# Leaves: nothing. Second run: the same. Each preview waits for it: what bash can do itself it does without a process,
# what may hang has a limit of its own, and what may wait runs beside the rest.

say() { (IFS=$'\t' && printf '%s\n' "$*"); }
limited() { timeout -s KILL 3 "$@"; } # a file system that hangs takes no milder signal

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
  # The start of the first process, in hundredths of a second; in a container the machine's own start says nothing.
  read -r start </proc/1/stat
  read -ra start <<<"${start##*) }"
  while read -r key value; do
    [ "$key" != btime ] || say boot_time "$((value + start[19] / 100))"
  done </proc/stat
  getent passwd "${accounts[@]}" | while IFS=: read -r key _ value start _; do say account "$key" "$value" "$start"; done
}

listening() {
  ss -ltnp | awk 'NR > 1 {
    port = $4; sub(/.*:/, "", port)
    who = match($0, /\(\("[^"]*"/) ? substr($0, RSTART + 3, RLENGTH - 4) : ""
    if (!seen[port]++) print "listening\t" port "\t" who }'
}

# places PATH...: each directory itself, and the file system that it or its nearest parent is on; nothing if one hangs.
places() {
  local path parent parents=() own rows row n=0
  for path in "$@"; do
    parent=$path
    until [ -d "$parent" ]; do parent=${parent%/*} && parent=${parent:-/}; done
    parents+=("$parent")
  done
  own=$(TZ=UTC stat -Lc '%n %i %z' "$@" 2>/dev/null)
  mapfile -t rows < <(df -B1 --output=size,avail,fstype,source,target "${parents[@]}" | tail -n +2)
  [ "${#rows[@]}" = $# ] || return 1
  for path in "$@"; do
    parent=$(grep -m 1 "^$path " <<<"$own") && parent=${parent#* }
    read -ra row <<<"${rows[n++]}"
    say place "$path" "${parent%% *}" "${parent#* }" "${row[@]}"
  done
}

open_port() { exec 3<>"/dev/tcp/$1/$2"; }
# peer HOST PORT: silence is told by the limit's status; whatever bash says of a failure ends its line.
peer() {
  local said status=0
  said=$(timeout 2 bash -c 'open_port "$@"' peer "$1" "$2" 2>&1) || status=$?
  case $status:$said in
    0:*) say peer "$1" "$2" open ;;
    124:*) say peer "$1" "$2" silent ;;
    *refused*) say peer "$1" "$2" refused ;;
    *) said=${said%%$'\n'*} && say peer "$1" "$2" "${said##*: }" ;;
  esac
}

# answer KIND DATABASE KEY: whatever getent says of a name or an address, in one line.
answer() { said=$(limited getent "$2" "$3") && say "$1" "$3" "${said//$'\n'/ }"; }

read_facts() {
  local item told
  export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  export -f say places open_port
  for item in ${peers[@]+"${peers[@]}"}; do peer "${item%/*}" "${item#*/}" & done
  for item in "${names[@]}"; do answer forward ahosts "$item" & done
  for item in ${addresses[@]+"${addresses[@]}"}; do answer reverse hosts "$item" & done
  limited bash -c 'places "$@"' places "${paths[@]}" &
  { said=$(limited java -version 2>&1) && say java "${said//$'\n'/ }"; } &
  told=$(system; listening; services; receipts) # whole before it is printed: long lines of two writers would mix
  wait
  printf '%s\nend\n' "$told"
}

say clock "$(date +%s%N)"
read_facts </dev/null
