# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# What a gate that is not reached quotes of services' own logs: few lines, short ones, without secrets.
# Needs: logs (where services log), log_names (SERVICE=DIRECTORY where that is not named after the service), quoted (lines
# a log; 0 for none), guarded (directories: what their files hold that others cannot read is secret).
# Leaves: $work/details, which `run_step` adds to the error. Second run: the same.

# log_of SERVICE: the log that it wrote last; nothing when there is none.
log_of() {
  local directory=$1 pair
  for pair in ${log_names[@]+"${log_names[@]}"}; do
    [ "${pair%%=*}" != "$1" ] || directory=${pair#*=}
  done
  find -H "$logs/$directory" -maxdepth 1 -type f -name '*.log*' ! -name '*.gz' -printf '%T@ %p\n' 2>/dev/null |
    sort -n | tail -n 1 | cut -d' ' -f2-
}

# secret_lines: each line, as it is and decoded, of what this host keeps from others' eyes.
secret_lines() {
  local line
  find -L "${guarded[@]}" -type f ! -perm -o+r -size -64k -exec grep -hI '.\{6,\}' {} + 2>/dev/null |
    while IFS= read -r line; do
      printf '%s\n' "$line"
      base64 -d <<<"$line" 2>/dev/null | grep -I '.\{6,\}' || true
    done
}

# without_secrets: what this host knows to be secret is replaced wherever it stands, and what looks as if it were.
without_secrets() {
  local text secret
  text=$(cat)
  while IFS= read -r secret; do
    text=${text//"$secret"/[secret]}
  done < <(secret_lines)
  printf '%s\n' "$text" | sed -E \
    -e 's/((pass(word|wd|phrase)?|pwd|secret|token|credentials?|authorization|(api|private)[ _-]?key)["'"'"']?( *[=:] *| +is +))[^ ].*/\1[secret]/I' \
    -e 's#://[^/@ ]+@#://[secret]@#g' -e 's/[A-Za-z0-9+=_-]{32,}/[secret]/g'
}

# quote_logs SERVICE...: of the first two; the rest waits for them more often than not.
quote_logs() {
  local service file
  [ "$quoted" -gt 0 ] || return 0
  for service in "${@:1:2}"; do
    file=$(log_of "$service")
    [ -n "$file" ] || continue
    printf '  %s last logged in %s:\n' "$service" "$file"
    # a line is cut before and after: what is shown has passed as a whole
    tail -n "$quoted" "$file" | cut -c 1-4000 | tr -cd '[:print:]\n' | without_secrets | cut -c 1-200 | sed 's/^/    /'
  done >>"$work/details"
}

# fail_gate SERVICE...: end the step because these are not OK: which ones, what they said, what to do.
fail_gate() {
  local wrong
  wrong=$(not_ok "$@")
  # shellcheck disable=SC2046 # names have no blanks
  quote_logs $(cut -d' ' -f1 <<<"$wrong")
  fail "after $deadline s not OK: $(tr '\n' ';' <<<"$wrong")" "fix what prevents the first of them (logs: $logs), then run pulumi up again: it continues here and restarts nothing that runs"
}
