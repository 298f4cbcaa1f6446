# shellcheck shell=bash disable=SC2154 # what to look at comes from the plan
# Reads what this host is and holds: a line for each fact, its parts separated by tabs. No secret is read.
# Needs: paths, names, addresses, peers (HOST/PORT), and the functions of read-system.sh and read-installed.sh.
# Leaves: nothing. Second run: the same. Each preview waits for it: what bash can do itself it does without a process,
# what may hang has a limit of its own, and what may wait runs in parallel.

say() {
  local IFS=$'\t'
  printf '%s\n' "$*"
}
limited() { timeout -s KILL 3 "$@"; } # a file system that hangs takes no milder signal

# places PATH...: each directory itself, and the file system that it or its nearest parent is on; nothing if one hangs.
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
# peer HOST PORT: the limit's status means silence; bash's reason of a failure is the end of its message.
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
  local item facts
  export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  export -f say places open_port
  for item in ${peers[@]+"${peers[@]}"}; do peer "${item%/*}" "${item#*/}" & done
  for item in "${names[@]}"; do answer forward ahosts "$item" & done
  for item in ${addresses[@]+"${addresses[@]}"}; do answer reverse hosts "$item" & done
  limited bash -c 'places "$@"' places "${paths[@]}" &
  { said=$(limited java -version 2>&1) && say java "${said//$'\n'/ }"; } &
  facts=$(system; listening; services; receipts) # whole before it is printed: long lines of two writers would mix
  wait
  printf '%s\nend\n' "$facts"
}

say clock "$(date +%s%N)"
read_facts </dev/null
