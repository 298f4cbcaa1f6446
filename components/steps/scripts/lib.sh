# shellcheck shell=bash disable=SC2154 # run-step.sh sets what these use
# The functions that every step's script may call. All output goes to the step's log on the host; only what a script reports
# through these functions reaches the operator, because the output of the vendor's scripts may contain secrets.
# Needs: $work, a directory of this run. Leaves: files in it that `run_step` reads. Second run: starts with new files.

# require_vars NAME...: fail if the plan lacks one of these inputs.
require_vars() {
  local name
  for name in "$@"; do
    declare -p "$name" >/dev/null 2>&1 || fail "the plan lacks the input $name" 'report this as a bug in the program'
  done
}

# changed TEXT: report a change that this run made. A step that reports none is unchanged.
changed() { printf 'changed: %s\n' "$1" >>"$work/messages"; }

# output KEY VALUE: report a value that the program reads from the step's output.
output() { printf 'fact: %s=%s\n' "$1" "$2" >>"$work/messages"; }

# fail WHAT REMEDY: end the step with one line for what is wrong and one for what to do.
fail() {
  printf '%s\n%s\n' "$1" "$2" >"$work/failure"
  exit 1
}

# track_file FILE...: record the digests of these files in the receipt; a later change of a file is drift.
track_file() { printf '%s\n' "$@" >>"$work/tracked"; }

# run REMEDY COMMAND...: run a tool that prints no secrets; a failure quotes its last lines.
run() {
  local remedy=$1 status=0
  shift
  "$@" >"$work/output" 2>&1 || status=$?
  cat "$work/output"
  [ "$status" = 0 ] || fail "$1 exited with status $status: $(tail -c 600 "$work/output" | tail -n 3 | tr '\n' ' ')" "$remedy"
}

# run_vendor REMEDY COMMAND...: run one of the vendor's scripts. A "failed" in its last lines is a failure as well:
# each step reports its result there (guide, Troubleshooting), and the exit status alone is not enough.
# `inside` is a command that makes the script see another archive directory (archive.sh).
inside=()
run_vendor() {
  local remedy=$1 status=0 script
  shift
  script=$(printf '%s\n' "$@" | grep -m 1 / || printf '%s' "$1")
  printf '$ %s\n' "$*"
  ${inside[@]+"${inside[@]}"} "$@" >"$work/output" 2>&1 || status=$?
  cat "$work/output"
  [ "$status" = 0 ] || fail "${script##*/} exited with status $status" "$remedy"
  if tail -n 20 "$work/output" | tail -c 4000 | grep -qiw failed; then
    fail "${script##*/} reported \"failed\", but exited with status 0" "$remedy"
  fi
}

# wait_for SECONDS COMMAND...: repeat a command until it succeeds; false if it does not within this time.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.5
  done
}
