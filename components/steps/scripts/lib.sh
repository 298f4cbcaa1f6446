# The functions that every step's script may call. All output goes to the step's log on the host;
# only what a script reports through these functions reaches the operator, because the output of the
# vendor's scripts may contain secrets.
# Needs: $work, a directory of this run; hidden, what is masked. Leaves: files in it that `run_step`
# reads.
# Second run: starts with new files.

# require_vars NAME...: fail if the plan lacks one of these inputs.
require_vars() {
  local name
  for name in "$@"; do
    declare -p "$name" >/dev/null 2>&1 ||
      fail "the plan lacks the input $name" 'report this as a bug in the program'
  done
}

# changed TEXT: report a change that this run made. A step that reports none is unchanged.
changed() { printf 'changed: %s\n' "$1" >>"$work/messages"; }

# output KEY VALUE: report a value that the program reads from the step's output.
output() { printf 'fact: %s=%s\n' "$1" "$2" >>"$work/messages"; }

# fail WHAT REMEDY: end the step with one line for what is wrong and one for what to do.
fail() {
  rm -f "$work/reserve" # there must be room for the message, whatever is full
  printf '%s\n%s\n' "$1" "$2" >"$work/failure"
  exit 1
}

# track_file FILE...: record the digests of these files in the receipt; a later change of a file is
# drift.
track_file() { printf '%s\n' "$@" >>"$work/tracked"; }

# digest_of FILE: print the digest of a regular file; nothing for anything else, such as a pipe that
# would never end.
digest_of() {
  local digest
  [ -f "$1" ] || return 0
  digest=$(sha256sum <"$1") && printf '%s\n' "${digest%% *}"
}

# mask_secrets: copy standard input without the values of secret inputs. Nothing may be cut before:
# a part of a secret would not be recognized.
mask_secrets() {
  local text value
  text=$(cat)
  for value in ${hidden[@]+"${hidden[@]}"}; do text=${text//"$value"/[secret]}; done
  printf '%s\n' "$text"
}

# end_of FILE BYTES LINES: print the end of a file in one line, without secrets.
end_of() { tail -c 65536 "$1" | mask_secrets | tail -c "$2" | tail -n "$3" | tr '\n' ' '; }

# why: print the end of the last command's output after a colon; nothing if it printed nothing.
why() {
  local text
  text=$(end_of "$work/output" 600 3)
  printf '%s' "${text:+: $text}"
}

# captured COMMAND...: run a command; its output goes to $work/output and to the log.
captured() {
  local status=0
  "$@" >"$work/output" 2>&1 || status=$?
  cat "$work/output" || true # a full log does not end the step
  return "$status"
}

# run REMEDY COMMAND...: run a tool; a failure quotes its last lines.
run() {
  local remedy=$1 status=0
  shift
  captured "$@" || status=$?
  [ "$status" = 0 ] || fail "$1 exited with status $status$(why)" "$remedy"
}

# run_vendor REMEDY COMMAND...: run one of the vendor's scripts. A "failed" in its last lines is a
# failure as well: each step reports its result there (guide, Troubleshooting), and the exit status
# alone is not enough. `inside` is a command that makes the script see another archive directory
# (archive.sh).
inside=()
run_vendor() {
  local remedy=$1 status=0 script word
  shift
  script=$1
  for word in "$@"; do
    [ "$word" = "${word#*/}" ] || { script=$word && break; }
  done
  printf '$ %s\n' "$*"
  captured ${inside[@]+"${inside[@]}"} "$@" || status=$?
  [ "$status" = 0 ] || fail "${script##*/} exited with status $status" "$remedy"
  if tail -n 20 "$work/output" | tail -c 4000 | grep -iw failed >/dev/null; then
    fail "${script##*/} reported \"failed\", but exited with status 0" "$remedy"
  fi
}

# read_clock: set `clock` to hundredths of a second since the host started; the time of day may
# jump.
read_clock() {
  read -r clock _ </proc/uptime
  clock=$((10#${clock/./}))
}

# wait_for SECONDS COMMAND...: repeat a command until it succeeds; false if it does not within this
# time. Most conditions become true within two seconds, so it looks more often in these.
wait_for() {
  local clock deadline often pause=0.1
  read_clock
  deadline=$((clock + $1 * 100)) often=$((clock + 200))
  shift
  until "$@"; do
    read_clock
    [ "$clock" -lt "$deadline" ] || return 1
    [ "$clock" -lt "$often" ] || pause=0.5
    sleep "$pause"
  done
}
