# Reads the facts of this host: a line for each fact, its fields separated by tabs; no secret is
# read.
# Needs: paths, names, addresses, peers (HOST/PORT), and the functions of read-system.sh and
# read-installed.sh.
# Leaves: nothing. Second run: the same. Each preview waits for this script, so it starts few
# processes, limits each query that may hang, and runs queries that may wait in parallel.

say() {
  local IFS=$'\t'
  printf '%s\n' "$*"
}
limited() { timeout -s KILL 3 "$@"; } # a process on a hanging file system ignores other signals

# places PATH...: print each directory, and the file system of it or of its nearest parent; nothing
# if one hangs.
places() {
  local path parent parents=() rows row n=0
  local -A own
  for path in "$@"; do
    parent=$path
    until [ -d "$parent" ]; do parent=${parent%/*} && parent=${parent:-/}; done
    parents+=("$parent")
  done
  while read -r path row; do own[$path]=$row; done < <(TZ=UTC stat -Lc '%n %i %z' "$@" 2>/dev/null)
  mapfile -t rows < <(df -B1 --output=size,avail,fstype,source,target "${parents[@]}" | tail -n +2)
  [ "${#rows[@]}" = $# ] || return 1
  for path in "$@"; do
    read -ra row <<<"${rows[n++]}"
    parent=${own[$path]:-}
    say place "$path" "${parent%% *}" "${parent#* }" "${row[@]}"
  done
}

open_port() { exec 3<>"/dev/tcp/$1/$2"; }
# peer HOST PORT: print whether a port answers. Status 124 means a timeout; bash's message ends with
# the reason.
peer() {
  local message status=0
  message=$(timeout 2 bash -c 'open_port "$@"' peer "$1" "$2" 2>&1) || status=$?
  case $status:$message in
    0:*) say peer "$1" "$2" open ;;
    124:*) say peer "$1" "$2" silent ;;
    *refused*) say peer "$1" "$2" refused ;;
    *) message=${message%%$'\n'*} && say peer "$1" "$2" "${message##*: }" ;;
  esac
}

# answer KIND DATABASE KEY: print getent's answer for a name or an address in one line.
answer() { reply=$(limited getent "$2" "$3") && say "$1" "$3" "${reply//$'\n'/ }"; }

read_facts() {
  local item facts
  export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  export -f say places open_port
  for item in ${peers[@]+"${peers[@]}"}; do peer "${item%/*}" "${item#*/}" & done
  for item in "${names[@]}"; do answer forward ahosts "$item" & done
  for item in ${addresses[@]+"${addresses[@]}"}; do answer reverse hosts "$item" & done
  limited bash -c 'places "$@"' places "${paths[@]}" &
  { reply=$(limited java -version 2>&1) && say java "${reply//$'\n'/ }"; } &
  facts=$(
    system
    listening
    services
    receipts
  ) # printed in one go: long lines of two writers would mix
  wait
  printf '%s\nend\n' "$facts"
}

say deephaven-facts # what a login shell prints comes before
say clock "$(date +%s%N)"
read_facts </dev/null
