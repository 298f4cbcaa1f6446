# shellcheck disable=SC2034 # the scripts use what is set here
# Runs one step: one run at a time, with an enforced time limit, a log, a receipt, and bounded,
# masked output.
# Needs: step_host step_limit step_digest, secrets=(names of secret variables), and a function
# `step`.
# Leaves: /var/log/deephaven-install/STEP.log and /var/lib/deephaven-install/receipts/STEP.json, for
# root only; until the step succeeds, /var/lib/deephaven-install/attempts/STEP. Its working files
# are in /run, which a restart of the host empties, because they may contain secrets.
# Second run: keeps the previous log as STEP.log.1 and writes the receipt again.
: "${heartbeat:=60}" # seconds; sshd may end sessions in which nothing is sent
: "${grace:=5}"      # seconds between the two signals that end a step

# find_hidden: set `hidden` to what must not be shown: each line of each secret, and the secrets in
# base64.
find_hidden() {
  local name line
  hidden=()
  for name in ${secrets[@]+"${secrets[@]}"}; do
    [ -n "${!name}" ] || continue
    while IFS= read -r line; do
      [ "${#line}" -lt 6 ] && [ "$line" != "${!name}" ] || hidden+=("$line")
    done <<<"${!name}"
    hidden+=("$(printf '%s' "${!name}" | base64 -w 0)" "$(printf '%s\n' "${!name}" | base64 -w 0)")
  done
}

# printable: limit text for the operator to printable ASCII (a tool may quote names that an account
# of the host chose), to short lines, and in length.
printable() { mask_secrets | LC_ALL=C tr -cd '\11\12\40-\176' | fold -w 300 | head -n 40; }

# refuse WHAT REMEDY: end a run that cannot begin and leaves no log.
refuse() {
  printf '%s: step %s: %s\n  what to do: %s, then run pulumi up again\n' "$step_host" "$step_name" \
    "$1" "$2" >&2
  exit 1
}

# explain STATUS: print what the operator reads first after a failure: host, step, what is wrong,
# what to do.
explain() {
  local what="exited with status $1" \
    remedy='read its log on the host, fix what it reports, then run pulumi up again'
  if [ -e "$work/late" ]; then
    what="exceeded its time limit of $step_limit s"
    remedy='check in its log what it waited for, raise its limit in release.overrides if it needs'
    remedy="$remedy longer, then run pulumi up again"
  elif [ -s "$work/failure" ]; then
    { read -r what && read -r remedy; } <"$work/failure"
  fi
  printf '%s: step %s: %s\n  what to do: %s\n  its log on %s: sudo cat %s\n' \
    "$step_host" "$step_name" "$what" "$remedy" "$step_host" "$log"
  [ ! -s "$work/details" ] || cat "$work/details" # further lines of the script's
}

# watch_over PROCESS_GROUP: send a line each minute, and end everything that the step started when
# its time is over.
watch_over() {
  local left
  for ((left = step_limit; left > 0; left -= heartbeat)); do
    sleep "$((left < heartbeat ? left : heartbeat))"
    [ "$left" -le "$heartbeat" ] || printf 'step %s is running\n' "$step_name" >&4
  done
  : >"$work/late"
  kill -TERM -- "-$1"
  end_group "$1"
}

# end_group PROCESS_GROUP: wait until no process of the group is left; after the grace time, kill
# them.
end_group() {
  local clock end
  read_clock
  end=$((clock + grace * 100))
  while kill -0 -- "-$1"; do
    read_clock
    [ "$clock" -lt "$end" ] || kill -KILL -- "-$1"
    sleep 0.1
  done 2>/dev/null
}

# prepare_run: take the step's lock, and set up its directories, log and working files.
prepare_run() {
  local run=/run/deephaven-install
  state=/var/lib/deephaven-install log=/var/log/deephaven-install/$step_name.log \
    work=$run/$step_name
  receipt=$state/receipts/$step_name.json attempt=$state/attempts/$step_name
  { install -d -m 0700 "$state" "$state"/{receipts,attempts,locks,runtime} "${log%/*}" "$run" &&
    : >>"$state/locks/$step_name"; } 2>/dev/null ||
    refuse "cannot write in $state, ${log%/*} or $run" 'free space there, or mount it writable'
  # A dropped connection leaves the previous run alive: wait for it; its own limit ends it.
  exec 9>"$state/locks/$step_name"
  flock -w "$((step_limit + 10))" 9 ||
    refuse 'another run of this step is still active' 'stop it on the host'
  unset TMPDIR
  # for texts that bash itself writes to files; programs do not see it
  TMPDIR=$work
  # left by a run that was killed
  rm -f "$attempt.new" "$receipt.new"
  { rm -rf "$work" && mkdir -m 0700 "$work" && : >"$work/messages" && : >"$work/tracked" &&
    printf '%8192s' '' >"$work/reserve"; } 2>/dev/null ||
    refuse "cannot write in $work" "free space in $run"
  trap 'rm -rf "$work"' EXIT
  mark_attempt 2>/dev/null || refuse "cannot write $attempt" "free space in $state"
  begin_log 2>/dev/null ||
    refuse "cannot write $log" "free space in ${log%/*}, or mount it writable"
}

# begin_log: keep the previous log, and write the first line of this run's.
begin_log() {
  { [ ! -e "$log" ] || mv -f "$log" "$log.1"; } && (umask 077 &&
    printf '%s %s on %s\n' "$(date -u +%FT%TZ)" "$step_name" "$step_host" >"$log")
}

run_step() {
  local status=0 body watchdog begun clock
  step_name=$1
  umask 022
  export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  read_clock
  begun=$clock
  prepare_run
  find_hidden
  exec 3>&1 4>&2 >>"$log" 2>&1
  set -m # a process group for the step, so that the limit ends everything that it started
  (
    set -euo pipefail
    step "$1"
  ) </dev/null 3>&- 4>&- 9>&- &
  body=$!
  watch_over "$body" </dev/null 3>&- 9>&- &
  watchdog=$!
  set +m
  wait "$body" || status=$?
  [ ! -s "$work/failure" ] || [ "$status" != 0 ] || status=1 # a failure that a condition hid
  # otherwise bash would log its end as a failure
  disown "$watchdog"
  kill -KILL -- "-$watchdog"
  [ ! -e "$work/late" ] || end_group "$body"
  if [ "$status" = 0 ] && [ ! -e "$work/keep_receipt" ] && ! write_receipt "$1"; then
    printf 'cannot write %s\nfree space in %s, then run pulumi up again\n' "$receipt" "$state" \
      >"$work/failure"
    status=1
  fi
  if [ "$status" != 0 ]; then
    explain "$status" | printable >&4
    [ ! -e "$work/late" ] || exit 124
    exit 1
  fi
  rm -f "$attempt"
  grep -q '^changed:' "$work/messages" || printf 'unchanged\n' >>"$work/messages"
  # Without these lines, the answer is not one of this step: a login that only greets ends with
  # status 0, too.
  printf 'step: %s %s\n%s\nend: %s\n' "$1" "$step_digest" "$(printable <"$work/messages")" "$1" >&3
}
