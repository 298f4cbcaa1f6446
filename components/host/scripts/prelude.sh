# shellcheck shell=bash disable=SC2154 # run-step.sh sets what these use
# What a step's script may call. Everything it prints goes to the step's log on the host; only what it says through
# these functions comes back, because the output of the vendor's scripts may hold secrets.
# Needs: $work, a directory of this run. Leaves: files in it that `run_step` reads. Second run: starts afresh.

# needs NAME...: refuse to begin when the plan left out an input.
needs() {
  local name
  for name in "$@"; do
    declare -p "$name" >/dev/null 2>&1 || fail "the plan gives no input $name" 'this is a mistake in the program: report it'
  done
}

# changed TEXT: say what this run did. A step that says nothing changed nothing.
changed() { printf 'changed: %s\n' "$1" >>"$work/said"; }

# report KEY VALUE: a fact that the program reads from the step's output.
report() { printf 'fact: %s=%s\n' "$1" "$2" >>"$work/said"; }

# fail WHAT REMEDY: end the step with one line that says what is wrong and one that says what to do.
fail() {
  printf '%s\n%s\n' "$1" "$2" >"$work/failure"
  exit 1
}

# watch FILE...: keep the digests of these files in the receipt; a later change of them is drift.
watch() { printf '%s\n' "$@" >>"$work/watched"; }

# tool REMEDY COMMAND...: run a tool that prints no secrets; its closing lines explain a failure.
tool() {
  local remedy=$1 status=0
  shift
  "$@" >"$work/output" 2>&1 || status=$?
  cat "$work/output"
  [ "$status" = 0 ] || fail "$1 ended with status $status: $(tail -c 600 "$work/output" | tail -n 3 | tr '\n' ' ')" "$remedy"
}

# vendor REMEDY COMMAND...: run one of the vendor's scripts. The guide (Troubleshooting): each step reports towards the
# end of its output, and none may have reported "failed"; the exit status alone is not enough.
# `inside` is a command that runs it where it sees another directory of archives (archive.sh).
inside=()
vendor() {
  local remedy=$1 status=0 called
  shift
  called=$(printf '%s\n' "$@" | grep -m 1 / || printf '%s' "$1")
  printf '$ %s\n' "$*"
  ${inside[@]+"${inside[@]}"} "$@" >"$work/output" 2>&1 || status=$?
  cat "$work/output"
  [ "$status" = 0 ] || fail "${called##*/} ended with status $status" "$remedy"
  if tail -n 20 "$work/output" | tail -c 4000 | grep -qiw failed; then
    fail "${called##*/} reported \"failed\", though it ended with status 0" "$remedy"
  fi
}

# until_true SECONDS COMMAND...: try a command again until it succeeds; false when the time is over.
until_true() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.5
  done
}

# shared GROUP MODE: others than the owner may write to a directory; root's own group counts as root.
shared() { [ "$((0$2 & 02))" != 0 ] || { [ "$((0$2 & 020))" != 0 ] && [ "$1" != 0 ]; }; }

# writer_of DIRECTORY ACCOUNT: print as which account files are written there, for root would follow what others plant:
# root where the directory and all above it are root's alone, else the owner of the first that is not. Where others may
# write as well, that is ACCOUNT; false when it is root.
writer_of() {
  local rest=$1 at='' part owner group mode links=0
  while :; do
    read -r owner group mode <<<"$(stat -c '%U %g %a' "$at/")"
    [ "$owner" = root ] || break
    while [ "${rest#/}" != "$rest" ]; do rest=${rest#/}; done
    part=${rest%%/*}
    if shared "$group" "$mode" && ! { [ "$((0$mode & 01000))" != 0 ] && [ -n "$part" ] && [ -e "$at/$part" ]; }; then
      owner=$2 # in a sticky directory, what is there is its owner's
      [ "$owner" != root ] || return 1
      break
    fi
    rest=${rest#"$part"}
    if [ -z "$part" ]; then
      break
    elif [ -L "$at/$part" ]; then
      owner=$(stat -c %U "$at/$part")
      [ "$owner" = root ] || break
      [ "$((links += 1))" -le 40 ] || return 1
      rest=$(readlink "$at/$part")$rest
      [ "${rest#/}" = "$rest" ] || at=''
    elif [ -d "$at/$part" ]; then
      at=$at/$part
    else
      break # not there: root creates it
    fi
  done
  printf '%s\n' "$owner"
}

# uploader_alone DIRECTORY: it is a directory in which the ssh user, whoever that is, can write and nobody else.
uploader_alone() { [ ! -L "$1" ] && [ -d "$1" ] && [ "$(stat -c %u:%a "$1")" = "${SUDO_UID:-0}:700" ]; }

# put FILE MODE OWNER: write standard input to a file at once, only if it differs; true when it did. In a directory that
# is not root's alone, the account that owns the directory writes the file, and owns it unless OWNER is a third account.
put() {
  local writer status=0 account=${3%%:*}
  writer=$(writer_of "${1%/*}" "$account") || fail "others than root can write to ${1%/*}" "take that right from them (chmod g-w,o-w ${1%/*}), then run pulumi up again"
  if [ "$writer" = root ]; then
    put_here "$1" "$2" "$3" || status=$?
  elif [ "$account" = root ] || [ "$account" = "$writer" ]; then
    runuser -u "$writer" -- bash -c "$(declare -f put_here same_file); put_here \"\$@\"" put "$1" "$2" '' || status=$?
  else
    put_over "$1" "$2" "$3" || status=$?
  fi
  [ "$status" != 9 ] || return 1
  [ "$status" = 0 ] || fail "$writer cannot write $1" 'read the log: space, rights and mounts of that directory; then run pulumi up again'
}

# put_here FILE MODE OWNER: what `put` does as one account; status 9 when the file is the same. The new file is hidden
# until it is whole: monit includes whatever else lies in its directory.
put_here() {
  local new
  mkdir -p -- "${1%/*}" && new=$(mktemp -- "${1%/*}/.${1##*/}.XXXXXX") || return 2
  { cat >"$new" && chmod -- "$2" "$new" && { [ -z "$3" ] || chown -- "$3" "$new"; }; } || { rm -f -- "$new"; return 2; }
  if same_file "$new" "$1"; then
    rm -f -- "$new"
    return 9
  fi
  mv -fT -- "$new" "$1" || return 2
}

# put_over FILE MODE OWNER: what `put` does for a third account: the file is made where root alone can reach it, and then
# takes its name. A rename follows no link of that name, and the directory itself cannot be exchanged: it is in one of
# root's.
put_over() {
  local new directory=${1%/*}
  [ "$(writer_of "${directory%/*}" root)" = root ] && new=$(mktemp "$state/new.XXXXXX") || return 2
  { cat >"$new" && chmod "$2" "$new" && chown "$3" "$new"; } || { rm -f "$new"; return 2; }
  if same_file "$new" "$1"; then
    rm -f "$new"
    return 9
  fi
  mv -fT "$new" "$1" || return 2
}

# same_file NEW FILE: it is a regular file with the same content, mode and owner.
same_file() {
  [ -f "$2" ] && [ ! -L "$2" ] && cmp -s -- "$1" "$2" && [ "$(stat -c %a:%U:%G -- "$1")" = "$(stat -c %a:%U:%G -- "$2")" ]
}
