# shellcheck shell=bash disable=SC2154 # the test sets these
# Interrupts a step after each of its commands, and runs it again: that run must leave what an
# undisturbed run leaves. Runs as root on a lab host, in a directory with: arrange.sh, and for each
# of the case's runs up to the one that is interrupted before-N.sh and run-N, the standard input of
# the step; again.sh, which runs before the second run; trap.sh, the beginning of the input of an
# interrupted run.
# Needs: name (of the step), last (the number of the interrupted run), fault ("kill", or "full" for
# a full disk, which is the directory `disk`), once ("yes" if the vendor's command may run only
# once), whole ("yes" if the runtime's own commands count, too), and, to interrupt some commands
# only, place (in percent, of a single one), or first and every. Prints a line for each command
# after which something is wrong, and at the end the number of interruptions and commands.
# Second run: the same; arrange.sh prepares the host again before each interruption.

state=/var/lib/deephaven-install
SUDO_UID=$(id -u centos) SUDO_GID=$(id -g centos)
export SUDO_UID SUDO_GID

arrange() {
  local number
  rm -f begun
  bash arrange.sh >/dev/null 2>&1
  for ((number = 0; number <= last; number++)); do
    bash "before-$number.sh" >/dev/null 2>&1
    [ "$number" = "$last" ] || run <"run-$number" >/dev/null 2>&1
  done
  rm -f reached
  : >counter
  list >arranged
  touch begun
}

# list: print the files on the host, sorted: the digest of each, without times; its mode and owner.
list() {
  local file
  local -a found=(/opt/stub /root /usr/local "$state" /var/lib/deephaven-upload ! -path "$PWD*"
    ! -path "$state/locks*" ! -path "$state/aside*" ! -path "$state/runtime/*"
    ! -path '/opt/stub/calls*')
  {
    find "${found[@]}" -printf 'is %M:%u:%g:%l %p\n' 2>/dev/null
    find "${found[@]}" -type f ! -path "$state/*.json" -exec sha256sum {} + 2>/dev/null
    # passwd- and the like are copies that tools keep
    [ ! -e begun ] || find /etc -newer begun -type f ! -name '*-' -exec sha256sum {} +
    for file in "$state"/{,receipts/}*.json; do
      [ ! -e "$file" ] || printf '%s  %s\n' "$(sed -E 's/"(time|written)": "[^"]*"//
        s/"seconds": [0-9.]+//; s/(cluster.json": )"[0-9a-f]*"/\1/' "$file" | sha256sum)" "$file"
    done
    ls -d /run/deephaven-install/* 2>/dev/null
  } | sort
}

# left: print what differs from what `arrange` left, which may be random.
left() {
  list >current
  comm -23 arranged current | cut -d' ' -f3-
  comm -13 arranged current
}

calls() { [ ! -e /opt/stub/calls ] || cat /opt/stub/calls; }

run() { setsid -w bash -s -- "$name"; }

# run_with_trap [N]: run the step, and interrupt it after its Nth command.
run_with_trap() {
  {
    printf 'trap_at=%s trap_whole=%s trap_fault=%s trap_disk=%s\n' \
      "${1:-}" "$whole" "$fault" "$disk"
    cat trap.sh "run-$last"
  } | run
}

# interrupt_after N: interrupt the step after its Nth command, run it again, and compare.
interrupt_after() {
  local mark where failed=
  arrange
  run_with_trap "$1" >output 2>&1 || failed=yes
  if [ ! -e reached ]; then
    [ -z "$failed" ] || printf '%s: fails without an interruption: %s\n' "$1" "$(cat output)"
    return 1
  fi
  where="$1 ($(cat reached))"
  [ -z "$failed" ] || [ "$fault" = kill ] || head -n 1 output | grep ": step $name: " >/dev/null ||
    printf '%s: fails without a name: %s\n' "$where" "$(head -n 1 output)"
  rm -f "$disk/.filler"
  bash again.sh
  mark=$(cat "$state/attempts/$name" 2>/dev/null)
  if ! run <"run-$last" >output 2>&1; then
    printf '%s: the next run fails: %s\n' "$where" "$(head -n 1 output)"
    return 0
  fi
  left >now
  cmp -s reference now || printf '%s: the next run leaves a different state: %s\n' "$where" \
    "$(diff reference now | grep '^[<>]' | head -n 4 | tr '\n' ' ')"
  calls >called
  [ -z "$once" ] || [ "$mark" = begun ] || cmp -s reference-calls called ||
    printf '%s: once-only commands ran again\n' "$where"
}

if [ "$fault" = full ]; then
  mkdir -p "$disk"
  mount -t tmpfs -o size=4m,mode=0700 tmpfs "$disk"
  trap 'umount "$disk"' EXIT
fi
arrange
run_with_trap >output 2>&1 ||
  { printf 'the undisturbed run fails: %s\n' "$(cat output)" && exit; }
left >reference
calls >reference-calls
commands=$(wc -c <counter) interrupted=0 at=${first:-1}
end=$commands
[ -z "${place:-}" ] || at=$((1 + commands * place / 100)) end=$at
for (( ; at <= end; at += ${every:-1})); do
  interrupt_after "$at" || break
  interrupted=$((interrupted + 1))
done
printf 'interrupted %s of %s\n' "$interrupted" "$commands"
