# shellcheck shell=bash disable=SC2154 # run-step.sh sets what these use
# How steps write files of the host: at once, and never through what another account may have put in the way.
# Needs: $state, and fail of prelude.sh. Leaves: what each function says. Second run: see each function.

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

# install_file FILE MODE OWNER: write standard input to a file at once, only if it differs; true when it did. In a directory that
# is not root's alone, the account that owns the directory writes the file, and owns it unless OWNER is a third account:
# then the file is made where root alone can reach it, and takes its name by a rename. That follows no link of that name,
# and the directory itself cannot be exchanged, since it is in one of root's.
install_file() {
  local writer status=0 directory=${1%/*} account=${3%%:*}
  # hidden until it is whole: monit includes whatever else lies in its directory
  local new=$directory/.${1##*/}.XXXXXX
  writer=$(writer_of "$directory" "$account") || fail "other accounts than root can write to $directory" "remove that permission (chmod g-w,o-w $directory), then run pulumi up again"
  if [ "$writer" = root ]; then
    install_file_as "$new" "$1" "$2" "$3" || status=$?
  elif [ "$account" = root ] || [ "$account" = "$writer" ]; then
    runuser -u "$writer" -- bash -c "$(declare -f install_file_as same_file); install_file_as \"\$@\"" put "$new" "$1" "$2" '' || status=$?
  elif [ "$(writer_of "${directory%/*}" root)" = root ]; then
    install_file_as "$state/new.XXXXXX" "$1" "$2" "$3" || status=$?
  else
    status=2
  fi
  [ "$status" != 9 ] || return 1
  [ "$status" = 0 ] || fail "$writer cannot write $1" 'check space, permissions and mounts of that directory, then run pulumi up again'
}

# install_file_as TEMPLATE FILE MODE OWNER: what `put` does as one account: a new file, named by mktemp after the template, takes
# the name of FILE; status 9 when that is the same.
install_file_as() {
  local new
  mkdir -p -- "${2%/*}" && new=$(mktemp -- "$1") || return 2
  { cat >"$new" && chmod -- "$3" "$new" && { [ -z "$4" ] || chown -- "$4" "$new"; }; } || { rm -f -- "$new"; return 2; }
  if same_file "$new" "$2"; then
    rm -f -- "$new"
    return 9
  fi
  mv -fT -- "$new" "$2" || return 2
}

# same_file NEW FILE: it is a regular file with the same content, mode and owner.
same_file() {
  [ -f "$2" ] && [ ! -L "$2" ] && cmp -s -- "$1" "$2" && [ "$(stat -c %a:%U:%G -- "$1")" = "$(stat -c %a:%U:%G -- "$2")" ]
}
