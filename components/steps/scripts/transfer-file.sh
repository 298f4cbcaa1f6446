# Transfers a file from one host to another through the operator's ssh and agent, and stores none of
# it on this machine. This script runs on the operator's machine, so it uses only what bash 3.2 and
# any OpenSSH client support. No host is
# trusted: whatever a host sends is limited in size, made printable before it is shown, and never
# part of a command, here or on the other host.
# Needs: step_host and source_host (labels), source and target (address, port, user, host key),
# bastion (the same, or nothing) through which both are reached, export_inputs and import_inputs
# (assignments of the two steps) with export_script, import_script (below the directory components),
# export_step and import_step, functions (what makes the runtime of a host available), most_bytes of
# the file, most_seconds for everything.
# Leaves: on the target, the results of the import. Second run: transfers the file again; the import
# finds nothing to do.
umask 077
unset "${!PULUMI_@}" # they contain the stack's secrets, and ssh needs none of them

private=/var/lib/deephaven-install

# fail_transfer WHAT REMEDY: fail with the same two lines as a step.
fail_transfer() {
  printf '%s: step %s: %s\n  what to do: %s\n' "$step_host" "$step" "$1" "$2" >&2
  exit 1
}

# entry NAME ADDRESS PORT USER KEY: print ssh's configuration for a host; ssh accepts only its
# pinned key.
entry() {
  printf '%s %s\n' "$1" "$5" >>"$work/known_hosts"
  printf 'Host %s\n  HostKeyAlias %s\n  HostName %s\n  Port %s\n  User %s\n' "$1" "$1" "$2" "$3" \
    "$4"
}

settings() {
  [ "${#bastion[@]}" = 0 ] || entry bastion "${bastion[@]}"
  entry source "${source[@]}"
  entry target "${target[@]}"
  printf \
    'Host *\n  BatchMode yes\n  StrictHostKeyChecking yes\n  UserKnownHostsFile %s\n  GlobalKnownHostsFile /dev/null\n' \
    "$work/known_hosts"
  [ "${#bastion[@]}" = 0 ] || printf 'Host source target\n  ProxyJump bastion\nHost *\n'
  printf \
    '  ConnectTimeout 5\n  ConnectionAttempts 3\n  ServerAliveInterval 5\n  ServerAliveCountMax 6\n  LogLevel ERROR\n'
  printf \
    '  Compression no\n  ForwardAgent no\n  ControlMaster auto\n  ControlPersist 60\n  ControlPath %s/%%n\n' \
    "$work"
}

on() { ssh -F "$work/config" "$1" "$2"; }

# shown: make a host's text safe for a terminal.
shown() { head -c 16000 | LC_ALL=C tr -cd '\12\40-\176'; }

# script_for INPUTS SCRIPT: print the standard input of a step on a host.
script_for() {
  printf '%s\n%s\nstep() {\n' "$1" "$functions"
  cat "$components/$2" || exit 1
  printf '}\nrun_step "$@"\n'
}

# step_on HOST STEP: run a step on a host; its message about a failure goes to the operator.
step_on() {
  { on "$1" "sudo -n bash -s -- $2" 2>&1 >&3 | head -c 65536 >"$work/error"; } 3>&1 || {
    shown <"$work/error" | grep -v '^step [a-z-]* is running$' >&2
    grep -q ': step ' "$work/error" || fail_unreachable "$1"
    exit 1
  }
}

fail_unreachable() {
  local label=$step_host
  [ "$1" = target ] || label=$source_host
  fail_transfer "ssh from this machine to $label failed" \
    "run ssh-add -l, check that ssh reaches $label from this machine, then run pulumi up again"
}

# fail_not_run LABEL: a login that only greets ends with status 0, too.
fail_not_run() {
  fail_transfer "$1 answered, but did not run the step" \
    "check on $1 what the login shell of the ssh user and sudo bash -s do, then run pulumi up again"
}

clean_up() {
  for host in source target; do
    ssh -F "$work/config" -O exit "$host" 2>/dev/null || true
  done
  rm -rf "$work"
}

# answered STEP ANSWER: true if a host's answer is that of this step, from its name to its end.
answered() {
  awk -v step="$1" \
    '$1 == "step:" && $2 == step { begun = 1 } begun && $0 == "end: " step { ended = 1 } END { exit !ended }' \
    "$2"
}

# reported_digest ANSWER: print the digest that the source reports if it has 64 hexadecimal digits,
# else nothing.
reported_digest() {
  local digest
  digest=$(sed -n 's/^fact: digest=//p' "$1")
  case $digest in *[!0-9a-f]* | '') return ;; esac
  [ "${#digest}" != 64 ] || printf '%s\n' "$digest"
}

# after_line LINE: copy what follows this line; a login shell may print something before.
after_line() {
  local line
  while IFS= read -r line; do
    [ "$line" != "$1" ] || break
  done
  cat
}

transfer() {
  local digest connecting
  set -o pipefail
  settings >"$work/config"
  on target true </dev/null >/dev/null 2>&1 & # connect while the source exports
  connecting=$!
  script_for "$export_inputs" "$export_script" | step_on source "$export_step" |
    head -c 65536 >"$work/answer" || exit 1
  digest=$(reported_digest "$work/answer")
  { answered "$export_step" "$work/answer" && [ -n "$digest" ]; } || fail_not_run "$source_host"
  wait "$connecting" || fail_unreachable target
  on source "sudo -n bash -c 'echo content of $export_step; cat $private/outgoing/$export_step'" \
    </dev/null |
    head -c "$((most_bytes + 65536))" | after_line "content of $export_step" |
    head -c "$most_bytes" |
    on target \
      "sudo -n bash -c 'set -e; umask 077; mkdir -p $private/incoming; cd $private; new=\$(mktemp incoming/$import_step.XXXXXX); cat >\"\$new\"; mv -fT \"\$new\" incoming/$import_step'" \
      >/dev/null 2>&1 ||
    fail_transfer "the transfer from $source_host to $step_host failed" \
      "check that both hosts answer and have space in $private, then run pulumi up again"
  { printf 'transferred=%s\n' "$digest" && script_for "$import_inputs" "$import_script"; } |
    step_on target "$import_step" | shown >"$work/answer" || exit 1
  answered "$import_step" "$work/answer" || fail_not_run "$step_host"
  sed -n '/^step: /,/^end: /p' "$work/answer"
}

# transfer_file STEP: transfer the file within the time limit; after it, end everything that was
# started here.
transfer_file() {
  local status=0 body watchdog directory=${TMPDIR:-}
  step=$1
  # the path of a socket is limited to about a hundred characters
  [ "${#directory}" -le 60 ] || unset TMPDIR
  work=$(mktemp -d) || exit 1
  trap clean_up EXIT
  set -m # a process group for the transfer, so that the limit ends ssh as well
  transfer </dev/null &
  body=$!
  { sleep "$most_seconds" && kill -TERM -- "-$body"; } </dev/null >/dev/null 2>&1 &
  watchdog=$!
  set +m
  wait "$body" || status=$?
  disown "$watchdog"
  kill -KILL -- "-$watchdog" 2>/dev/null
  [ "$status" -lt 128 ] ||
    fail_transfer "exceeded its time limit of $most_seconds s" \
      "check that ssh reaches $source_host and $step_host from this machine, then run pulumi up again"
  return "$status"
}
