# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Transfers a file from one host to another through this machine's ssh and its agent; nothing of it stays here.
# Runs on the operator's machine, so it uses only what bash 3.2 and any OpenSSH client know. No host is trusted: what one sends
# is bounded, made printable before it is shown, and never part of a command, here or on the other host.
# Needs: step_host and source_host (labels), source and target (address, port, user, host key), bastion (the same, or
# nothing) through which both are reached, export_script and import_script (standard input of the two steps) with
# export_step and import_step, most_bytes of the file, most_seconds for all of it.
# Leaves: on the target what the import makes of the file. Second run: transfers it again; the import finds its work done.
umask 077
unset "${!PULUMI_@}" # they hold the stack's secrets, which ssh needs none of

private=/var/lib/deephaven-install

# fail_transfer WHAT REMEDY: the same two lines that a step ends with.
fail_transfer() {
  printf '%s: step %s: %s\n  what to do: %s\n' "$step_host" "$step" "$1" "$2" >&2
  exit 1
}

# entry NAME ADDRESS PORT USER KEY: a host as ssh knows it here, its pinned key alone accepted.
entry() {
  printf '%s %s\n' "$1" "$5" >>"$work/known_hosts"
  printf 'Host %s\n  HostKeyAlias %s\n  HostName %s\n  Port %s\n  User %s\n' "$1" "$1" "$2" "$3" "$4"
}

settings() {
  [ "${#bastion[@]}" = 0 ] || entry bastion "${bastion[@]}"
  entry source "${source[@]}"
  entry target "${target[@]}"
  printf 'Host *\n  BatchMode yes\n  StrictHostKeyChecking yes\n  UserKnownHostsFile %s\n  GlobalKnownHostsFile /dev/null\n' "$work/known_hosts"
  [ "${#bastion[@]}" = 0 ] || printf 'Host source target\n  ProxyJump bastion\nHost *\n'
  printf '  ConnectTimeout 5\n  ConnectionAttempts 3\n  ServerAliveInterval 5\n  ServerAliveCountMax 6\n  LogLevel ERROR\n'
  printf '  Compression no\n  ForwardAgent no\n  ControlMaster auto\n  ControlPersist 60\n  ControlPath %s/%%n\n' "$work"
}

on() { ssh -F "$work/config" "$1" "$2"; }

# shown: a host's text as it may reach a terminal.
shown() { head -c 16000 | LC_ALL=C tr -cd '\12\40-\176'; }

# step_on HOST STEP: run a step there; what it says about a failure is for the operator.
step_on() {
  { on "$1" "sudo -n bash -s -- $2" 2>&1 >&3 | head -c 65536 >"$work/error"; } 3>&1 || {
    shown <"$work/error" >&2
    grep -q ': step ' "$work/error" || unreached "$1"
    exit 1
  }
}

unreached() {
  local label=$step_host
  [ "$1" = target ] || label=$source_host
  fail_transfer "ssh from this machine to $label failed" "run ssh-add -l, and check that ssh reaches $label from this machine, then run pulumi up again"
}

leave() {
  for host in source target; do
    ssh -F "$work/config" -O exit "$host" 2>/dev/null || true
  done
  rm -rf "$work"
}

# reported_digest ANSWER: the one digest that the source reports: 64 hexadecimal digits, or nothing.
reported_digest() {
  local found
  found=$(sed -n 's/^fact: digest=//p' "$1")
  case $found in *[!0-9a-f]* | '') return ;; esac
  [ "${#found}" != 64 ] || printf '%s\n' "$found"
}

transfer() {
  local digest connecting
  set -o pipefail
  settings >"$work/config"
  on target true </dev/null >/dev/null 2>&1 & # connect while the source exports
  connecting=$!
  printf '%s\n' "$export_script" | step_on source "$export_step" | head -c 65536 >"$work/answer" || exit 1
  digest=$(reported_digest "$work/answer")
  [ -n "$digest" ] || fail_transfer "$source_host reports no digest of the file" "check on $source_host what sudo bash prints by itself, and read the log of the step $export_step"
  wait "$connecting" || unreached target
  on source "sudo -n cat $private/outgoing/$export_step" </dev/null | head -c "$most_bytes" |
    on target "sudo -n bash -c 'set -e; umask 077; mkdir -p $private/incoming; cd $private; new=\$(mktemp incoming/$import_step.XXXXXX); cat >\"\$new\"; mv -fT \"\$new\" incoming/$import_step'" >/dev/null 2>&1 ||
    fail_transfer "the transfer from $source_host to $step_host failed" "check that both hosts answer and have space in $private, then run pulumi up again"
  { printf 'transferred=%s\n' "$digest" && printf '%s\n' "$import_script"; } | step_on target "$import_step" | shown
}

# transfer_file STEP: transfer within the time limit, which ends everything that was started here.
transfer_file() {
  local status=0 body watchdog directory=${TMPDIR:-}
  step=$1
  [ "${#directory}" -le 60 ] || unset TMPDIR # the name of a socket ends at a hundred characters
  work=$(mktemp -d) || exit 1
  trap leave EXIT
  set -m # a process group each, so that the limit ends ssh as well
  transfer </dev/null &
  body=$!
  { sleep "$most_seconds" && kill -TERM -- "-$body"; } </dev/null >/dev/null 2>&1 &
  watchdog=$!
  set +m
  wait "$body" || status=$?
  disown "$watchdog"
  kill -KILL -- "-$watchdog" 2>/dev/null
  [ "$status" -lt 128 ] || fail_transfer "exceeded its time limit of $most_seconds s" "check that ssh reaches $source_host and $step_host from this machine, then run pulumi up again"
  return "$status"
}
