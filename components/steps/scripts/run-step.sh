# shellcheck shell=bash disable=SC2034,SC2154 # settings come from the plan; the libraries use what is set here
# Runs one step: one run at a time, with an enforced time limit, a log, a receipt, and bounded, masked output.
# Needs: step_host step_limit step_digest, secrets=(names of secret variables), and a function `step`.
# Leaves: /var/log/deephaven-install/STEP.log and /var/lib/deephaven-install/receipts/STEP.json, for root only.
# Second run: keeps the previous log as STEP.log.1 and writes the receipt again.

# mask: replace the values of secret inputs, drop all but printable ASCII (a tool may quote names that an account of the
# host chose), fold long lines and limit the total length.
mask() {
  local text name
  text=$(tail -c 16000)
  for name in ${secrets[@]+"${secrets[@]}"}; do
    [ -z "${!name}" ] || text=${text//"${!name}"/[secret]}
  done
  printf '%s\n' "$text" | LC_ALL=C tr -cd '\11\12\40-\176' | fold -w 300 | head -n 40
}

# end_late PROCESS_GROUP: end everything that the step started when its time limit is over.
end_late() {
  sleep "$step_limit"
  : >"$work/late"
  kill -TERM -- "-$1"
  sleep 5
  kill -KILL -- "-$1"
}

# explain STATUS STEP: print what the operator reads first after a failure: host, step, what is wrong, what to do.
explain() {
  local what="exited with status $1" remedy='read its log on the host, fix what it reports, then run pulumi up again'
  if [ -e "$work/late" ]; then
    what="exceeded its time limit of $step_limit s"
    remedy='check in its log what it waited for, raise its limit in release.overrides if it needs longer, then run pulumi up again'
  elif [ -s "$work/failure" ]; then
    { read -r what && read -r remedy; } <"$work/failure"
  fi
  printf '%s: step %s: %s\n  what to do: %s\n  its log on %s: sudo cat %s\n' \
    "$step_host" "$2" "$what" "$remedy" "$step_host" "$log"
  [ ! -s "$work/details" ] || cat "$work/details" # further lines of the script's
}

run_step() {
  local status=0 body watchdog begun
  begun=$(date +%s%N)
  umask 022
  export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  state=/var/lib/deephaven-install log=/var/log/deephaven-install/$1.log
  receipt=$state/receipts/$1.json attempt=$state/attempts/$1
  install -d -m 0700 "$state" "$state/receipts" "$state/attempts" "$state/locks" "${log%/*}"
  work=$(mktemp -d)
  touch "$work/messages" "$work/tracked"
  trap 'rm -rf "$work"' EXIT
  # A dropped connection leaves the previous run alive: wait for it; its own limit ends it.
  exec 9>"$state/locks/$1" 3>&1 4>&2
  if ! flock -w "$((step_limit + 10))" 9; then
    printf 'another run of this step is still active\nstop it on the host, then run pulumi up again\n' >"$work/failure"
    explain 1 "$1" >&4
    exit 1
  fi
  [ ! -e "$log" ] || mv -f "$log" "$log.1"
  (umask 077 && printf '%s %s on %s\n' "$(date -u +%FT%TZ)" "$1" "$step_host" >"$log")
  exec >>"$log" 2>&1
  set -m # a process group for the step, so that the limit ends everything that it started
  (set -eu; step "$1") </dev/null 3>&- 4>&- 9>&- &
  body=$!
  end_late "$body" </dev/null 3>&- 4>&- 9>&- &
  watchdog=$!
  set +m
  wait "$body" || status=$?
  [ ! -s "$work/failure" ] || [ "$status" != 0 ] || status=1 # a failure that a pipe or a condition hid
  disown "$watchdog" # otherwise bash would log its end as a failure
  kill -KILL -- "-$watchdog"
  if [ "$status" != 0 ]; then
    explain "$status" "$1" | mask >&4
    [ ! -e "$work/late" ] || exit 124
    exit 1
  fi
  [ -e "$work/keep_receipt" ] || write_receipt "$1"
  grep -q '^changed:' "$work/messages" || printf 'unchanged\n' >>"$work/messages"
  mask <"$work/messages" >&3
}
