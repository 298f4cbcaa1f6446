# shellcheck shell=bash disable=SC2154 # run-step.sh sets what these use
# What a step's script may call. Everything it prints goes to the step's log on the host; only what it says through
# these functions comes back, because the output of the vendor's scripts may hold secrets.
# Needs: $work, a directory of this run. Leaves: files in it that `run_step` reads. Second run: starts afresh.

# require_vars NAME...: refuse to begin when the plan left out an input.
require_vars() {
  local name
  for name in "$@"; do
    declare -p "$name" >/dev/null 2>&1 || fail "the plan lacks the input $name" 'report this bug of the program'
  done
}

# changed TEXT: say what this run did. A step that says nothing changed nothing.
changed() { printf 'changed: %s\n' "$1" >>"$work/messages"; }

# output KEY VALUE: a fact that the program reads from the step's output.
output() { printf 'fact: %s=%s\n' "$1" "$2" >>"$work/messages"; }

# fail WHAT REMEDY: end the step with one line that says what is wrong and one that says what to do.
fail() {
  printf '%s\n%s\n' "$1" "$2" >"$work/failure"
  exit 1
}

# track_file FILE...: keep the digests of these files in the receipt; a later change of them is drift.
track_file() { printf '%s\n' "$@" >>"$work/tracked"; }

# run REMEDY COMMAND...: run a tool that prints no secrets; its closing lines explain a failure.
run() {
  local remedy=$1 status=0
  shift
  "$@" >"$work/output" 2>&1 || status=$?
  cat "$work/output"
  [ "$status" = 0 ] || fail "$1 ended with status $status: $(tail -c 600 "$work/output" | tail -n 3 | tr '\n' ' ')" "$remedy"
}

# run_vendor REMEDY COMMAND...: run one of the vendor's scripts. The guide (Troubleshooting): each step reports towards the
# end of its output, and none may have reported "failed"; the exit status alone is not enough.
# `inside` is a command that runs it where it sees another directory of archives (archive.sh).
inside=()
run_vendor() {
  local remedy=$1 status=0 called
  shift
  called=$(printf '%s\n' "$@" | grep -m 1 / || printf '%s' "$1")
  printf '$ %s\n' "$*"
  ${inside[@]+"${inside[@]}"} "$@" >"$work/output" 2>&1 || status=$?
  cat "$work/output"
  [ "$status" = 0 ] || fail "${called##*/} ended with status $status" "$remedy"
  if tail -n 20 "$work/output" | tail -c 4000 | grep -qiw failed; then
    fail "${called##*/} reported \"failed\", but ended with status 0" "$remedy"
  fi
}

# wait_for SECONDS COMMAND...: try a command again until it succeeds; false when the time is over.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.5
  done
}
