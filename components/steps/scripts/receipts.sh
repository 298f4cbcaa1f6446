# What the host records of a step: the receipt of its last success, and the mark of a run without
# success.
# Needs: $receipt, $attempt, $step_digest, $work, $begun, files.sh. Leaves: both files, for root
# only. Second run: see each.

# write_receipt STEP: record the time, the duration, the inputs and the tracked files of a success;
# never a secret. A run that tracked no file keeps the files of the previous receipt: they are still
# what the step left.
write_receipt() {
  local path clock took files='' text
  read_clock
  took=$((clock - begun))
  [ -s "$work/tracked" ] || tracked_before | cut -d' ' -f1 >"$work/tracked"
  while read -r path; do
    files="$files${files:+, }\"$path\": \"$(digest_of "$path")\""
  done < <(sort -u "$work/tracked")
  printf -v text \
    '{"step": "%s", "time": "%s", "seconds": %d.%02d, "host": "%s", "machine": "%s", "inputs": "%s", "files": {%s}}' \
    \
    "$1" "$(date -u +%FT%TZ)" $((took / 100)) $((took % 100)) "$step_host" "$(cat /etc/machine-id)" "$step_digest" "$files"
  write_line "$receipt" "$text"
}

# up_to_date: true if this step's last run succeeded, and its receipt is current.
up_to_date() { [ -z "$interrupted" ] && current_receipt; }

# current_receipt: true if this step's last success had the same inputs, and its tracked files are
# unchanged since. Only the digest of the inputs is compared, so editing a script changes nothing on
# the host. A receipt that lacks the form of write_receipt, such as one that was cut off, is
# ignored.
current_receipt() {
  local text='"[^"\\]*"' files
  files="$text: \"[0-9a-f]*\""
  grep \
    -qxE \
    "\{\"step\": $text, \"time\": \"[0-9TZ:-]{20}\", \"seconds\": [0-9.]+, \"host\": $text, \"machine\": \"[0-9a-f]{32}\", \"inputs\": \"$step_digest\", \"files\": \{($files(, $files)*)?\}\}" \
    "$receipt" 2>/dev/null && ! drifted || return 1
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

# tracked_before: print a line for each file that the last success left: its path, a space, its
# digest.
tracked_before() {
  [ ! -e "$receipt" ] || grep -o '"/[^"]*": "[0-9a-f]\{64\}"' "$receipt" | tr -d '":'
}

# mark_attempt: mark this run until it succeeds; `interrupted` is set if the mark of an earlier run
# is still there. Then nothing that the earlier run left proves anything: a file may be in place
# without the reload that should follow.
mark_attempt() {
  interrupted='' vendor=''
  [ ! -e "$attempt" ] || { interrupted=yes && vendor=$(cat "$attempt"); }
  [ -n "$interrupted" ] || { : >"$attempt" && durable "$attempt" "${attempt%/*}"; }
}

# A run that ends between begin and finish may leave a partial result of the vendor's; `unfinished`
# is true in later runs until one succeeds. `finished` is true if an earlier run came to finish, but
# left no receipt; `finished_as_declared`, if it had the same inputs, too.
begin() { mark_vendor begun; }
finish() { mark_vendor "finished $step_digest"; }
unfinished() { [ "$vendor" = begun ]; }
finished() { [ "${vendor%% *}" = finished ]; }
finished_as_declared() { [ "$vendor" = "finished $step_digest" ]; }
mark_vendor() {
  remember "$attempt" "$1"
  vendor=$1
}
