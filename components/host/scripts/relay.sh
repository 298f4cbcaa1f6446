# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Carries a file from one host to another through this machine's ssh and its agent; nothing of it is kept here.
# Runs beside the operator, so it keeps to what bash 3.2 and any OpenSSH client know.
# Needs: step_host and source_host (labels), source and target (address, port, user, host key), bastion (the same, or
# nothing) through which both are reached, file (its path on both),
# pack and unpack (what two steps get on standard input) with pack_step and unpack_step.
# Leaves: on the target what `unpack` makes of the file. Second run: carries it again; `unpack` finds its work done.

# say_no WHAT REMEDY: the same two lines that a step ends with.
say_no() {
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
  printf '  ControlMaster auto\n  ControlPersist 60\n  ControlPath %s/%%n\n' "$work"
}

on() { ssh -F "$work/config" "$1" "$2"; }

# step_on HOST STEP: run a step there; what it says about a failure is for the operator as it is.
step_on() {
  on "$1" "sudo -n bash -s -- $2" 2>"$work/error" || {
    cat "$work/error" >&2
    grep -q ': step ' "$work/error" || unreached "$1"
    exit 1
  }
}

unreached() {
  local label=$step_host
  [ "$1" = target ] || label=$source_host
  say_no "ssh from here to $label did not work" "check ssh-add -l and that ssh reaches $label from this machine, then run pulumi up again"
}

leave() {
  for host in source target; do
    ssh -F "$work/config" -O exit "$host" 2>/dev/null || true
  done
  rm -rf "$work"
}

relay() {
  local digest connecting
  step=$1
  set -o pipefail
  umask 077
  work=$(mktemp -d) || exit 1
  trap leave EXIT
  settings >"$work/config"
  on target true </dev/null >/dev/null 2>&1 & # connect while the source packs
  connecting=$!
  digest=$(printf '%s\n' "$pack" | step_on source "$pack_step" | sed -n 's/^fact: digest=//p') || exit 1
  wait "$connecting" || unreached target
  on source "sudo -n cat -- '$file'" </dev/null |
    on target "sudo -n bash -c 'umask 077 && mkdir -p \"\${0%/*}\" && cat >\"\$0\"' '$file.part'" || unreached target
  { printf 'carried=%s\n' "$digest" && printf '%s\n' "$unpack"; } | step_on target "$unpack_step"
}
