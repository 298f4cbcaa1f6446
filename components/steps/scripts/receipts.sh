# shellcheck shell=bash disable=SC2154 # run-step.sh sets what these use
# What the host records of a step: the receipt of its last success, and whether an attempt is unfinished.
# Needs: $receipt, $attempt, $step_digest, $work, $begun. Leaves: both files, for root only. Second run: see each function.

# write_receipt STEP: record the time, the duration, the inputs and the tracked files of a success; never a secret.
write_receipt() {
  local path comma='' took
  took=$((($(date +%s%N) - begun) / 1000000))
  {
    printf '{"step": "%s", "time": "%s", "seconds": %d.%03d, ' "$1" "$(date -u +%FT%TZ)" $((took / 1000)) $((took % 1000))
    printf '"host": "%s", "machine": "%s", "inputs": "%s", "files": {' "$step_host" "$(cat /etc/machine-id)" "$step_digest"
    while read -r path; do
      printf '%s"%s": "%s"' "$comma" "$path" "$(digest_of "$path")"
      comma=', '
    done < <(sort -u "$work/tracked")
    printf '}}\n'
  } >"$receipt.new"
  mv -f "$receipt.new" "$receipt"
}

# digest_of FILE: print the digest of a regular file; nothing for anything else, such as a pipe that would never end.
digest_of() { [ ! -f "$1" ] || sha256sum <"$1" | cut -d' ' -f1; }

# up_to_date: true if this step's last success had the same inputs and its tracked files are unchanged since.
# Only the digest of the inputs is compared, so editing a script changes nothing on the host. A receipt that lacks the
# form of write_receipt, such as one that was cut off, is ignored.
up_to_date() {
  local text='"[^"\\]*"' files
  files="$text: \"[0-9a-f]*\""
  grep -qxE "\{\"step\": $text, \"time\": \"[0-9TZ:-]{20}\", \"seconds\": [0-9.]+, \"host\": $text, \"machine\": \"[0-9a-f]{32}\", \"inputs\": \"$step_digest\", \"files\": \{($files(, $files)*)?\}\}" "$receipt" 2>/dev/null && ! drifted || return 1
  ! grep -q "\"machine\": \"$(cat /etc/machine-id)\"" "$receipt" || : >"$work/keep_receipt"
}

# drifted: true if a file that this step left is missing or differs.
drifted() {
  local path digest
  while IFS=' ' read -r path digest; do
    [ "$(digest_of "$path")" = "$digest" ] || return 0
  done < <(tracked_before)
  return 1
}

# tracked_before: print a line for each file that the last success left: its path, a space, its digest.
tracked_before() { [ ! -e "$receipt" ] || grep -o '"/[^"]*": "[0-9a-f]\{64\}"' "$receipt" | tr -d '":'; }

# An interruption between begin and finish may leave a partial result; `unfinished` detects this in a later run.
begin() { : >"$attempt"; }
finish() { rm -f "$attempt"; }
unfinished() { [ -e "$attempt" ]; }
