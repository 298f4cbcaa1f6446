# shellcheck shell=bash disable=SC2154 # the test sets these
# Kills a step after each of its commands, and runs it again: that run must leave what an
# undisturbed run leaves. Runs as root on a lab host, in a directory with: arrange.sh, and for each
# of the case's runs up to the one that is killed before-N.sh and run-N, the standard input of the
# step; again.sh, which runs before the second run; trap.sh, the beginning of the input of a killed
# run.
# Needs: name (of the step), last (the number of the killed run), once ("yes" if the vendor's
# command may run only once), runtime ("yes" if the runtime's own commands count, too), and, to kill
# after some commands only, place (in percent, of a single one), or first and every. Prints a line
# for each command after which something is wrong, and at the end the number of kills and commands.
# Second run: the same; `arrange.sh` prepares the host again before each kill.

state=/var/lib/deephaven-install
SUDO_UID=$(id -u centos) SUDO_GID=$(id -g centos)
export SUDO_UID SUDO_GID

arrange() {
  local run
  rm -f begun
  bash arrange.sh >/dev/null 2>&1
  for ((run = 0; run <= last; run++)); do
    bash "before-$run.sh" >/dev/null 2>&1
    [ "$run" = "$last" ] || setsid -w bash -s -- "$name" <"run-$run" >/dev/null 2>&1
  done
  rm -f killed
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

# kill_after N: kill the step after its Nth command, run it again, and compare.
kill_after() {
  local mark
  arrange
  { printf 'kill_at=%s kill_runtime=%s\n' "$1" "$runtime" && cat trap.sh "run-$last"; } |
    setsid -w bash -s -- "$name" >/dev/null 2>&1
  [ -e killed ] || return 1
  bash again.sh
  mark=$(cat "$state/attempts/$name" 2>/dev/null)
  if ! setsid -w bash -s -- "$name" <"run-$last" >output 2>&1; then
    printf '%s (%s): the next run fails: %s\n' "$1" "$(cat killed)" "$(head -n 1 output)"
    return 0
  fi
  left >now
  cmp -s reference now || printf '%s (%s): the next run leaves a different state: %s\n' "$1" \
    "$(cat killed)" "$(diff reference now | grep '^[<>]' | head -n 4 | tr '\n' ' ')"
  calls >called
  [ -z "$once" ] || [ "$mark" = begun ] || cmp -s reference-calls called ||
    printf '%s (%s): once-only commands ran again\n' "$1" "$(cat killed)"
}

arrange
{ printf 'kill_at= kill_runtime=%s\n' "$runtime" && cat trap.sh "run-$last"; } |
  setsid -w bash -s -- "$name" >output 2>&1 ||
  { printf 'the undisturbed run fails: %s\n' "$(cat output)" && exit; }
left >reference
calls >reference-calls
commands=$(wc -c <counter) kills=0 at=${first:-1} end=$(wc -c <counter)
[ -z "${place:-}" ] || at=$((1 + commands * place / 100)) end=$at
for (( ; at <= end; at += ${every:-1})); do
  kill_after "$at" || break
  kills=$((kills + 1))
done
printf 'killed %s of %s\n' "$kills" "$commands"
