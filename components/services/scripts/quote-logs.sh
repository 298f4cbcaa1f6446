# Quotes the logs of services that are not OK: few lines, short ones, without secrets.
# Needs: logs (where services log), log_names (SERVICE=DIRECTORY if the directory is not named after
# the service), quoted (lines of each log; 0 for none), guarded (directories: lines of their files
# that other accounts cannot read are secret).
# Leaves: $work/details, which `run_step` adds to the error. Second run: the same.

# log_of SERVICE: print the file that the service logged to last; nothing if there is none.
log_of() {
  local directory=$1 pair
  for pair in ${log_names[@]+"${log_names[@]}"}; do
    [ "${pair%%=*}" != "$1" ] || directory=${pair#*=}
  done
  find -H "$logs/$directory" -maxdepth 1 -type f -name '*.log*' ! -name '*.gz' -printf '%T@ %p\n' \
    2>/dev/null |
    sort -n | tail -n 1 | cut -d' ' -f2- || true
}

# secret_lines: print each line, as it is and decoded, of the files that other accounts cannot read.
secret_lines() {
  local line
  find -L "${guarded[@]}" -type f ! -perm -o+r -size -64k -exec grep -hI '.\{6,\}' {} + \
    2>/dev/null |
    while IFS= read -r line; do
      printf '%s\n' "$line"
      base64 -d <<<"$line" 2>/dev/null | grep -I '.\{6,\}' || true
    done
}

# without_secrets: replace everything that this host knows to be secret, and everything that looks
# like a secret.
without_secrets() {
  local text secret
  text=$(cat)
  while IFS= read -r secret; do
    text=${text//"$secret"/[secret]}
  done < <(secret_lines)
  printf '%s\n' "$text" | sed -E \
    -e \
    's/((pass(word|wd|phrase)?|pwd|secret|token|credentials?|authorization|(api|private)[ _-]?key)["'"'"']?( *[=:] *| +is +))[^ ].*/\1[secret]/I' \
    \
    -e 's#://[^/@ ]+@#://[secret]@#g' -e 's/[A-Za-z0-9+=_-]{32,}/[secret]/g'
}

# quote_logs SERVICE...: quote the logs of the first two; the others usually wait for them.
quote_logs() {
  local service file
  [ "$quoted" -gt 0 ] || return 0
  for service in "${@:1:2}"; do
    file=$(log_of "$service")
    [ -n "$file" ] || continue
    printf '  %s last logged in %s:\n' "$service" "$file"
    # a line is cut to what is shown only after the filter, which must see secrets whole
    tail -n "$quoted" "$file" | cut -c 1-4000 | tr -cd '[:print:]\n' | without_secrets |
      cut -c 1-200 | sed 's/^/    /'
  done >>"$work/details"
}

# fail_gate SERVICE...: end the step because services are not OK: which ones, what they logged, what
# to do.
fail_gate() {
  local wrong
  wrong=$(not_ok "$@")
  # shellcheck disable=SC2046 # names contain no spaces
  quote_logs $(cut -d' ' -f1 <<<"$wrong")
  fail "not OK after $deadline s: $(tr '\n' ';' <<<"$wrong")" \
    "fix what keeps the first of them from starting (logs: $logs), then run pulumi up again: it continues here and restarts no running service"
}
