# shellcheck shell=bash disable=SC2154 # run-step.sh sets what these use
# How steps write files on the host: atomically, and never through anything that another account may have planted.
# Needs: $state, and fail from lib.sh. Leaves: see each function. Second run: see each function.

# shared GROUP MODE: true if accounts other than the owner may write to a directory; root's own group counts as root.
shared() { [ "$((0$2 & 02))" != 0 ] || { [ "$((0$2 & 020))" != 0 ] && [ "$1" != 0 ]; }; }

# writer_of DIRECTORY ACCOUNT: print the account that writes files there, because root would follow links that others plant.
# It is root if only root can write to the directory and to all directories above it; otherwise it is the owner of the
# first one that is not root's. Where other accounts may write as well, it is ACCOUNT; false if ACCOUNT is root.
writer_of() {
  local rest=$1 at='' part owner group mode links=0
  while :; do
    read -r owner group mode <<<"$(stat -c '%U %g %a' "$at/")"
    [ "$owner" = root ] || break
    while [ "${rest#/}" != "$rest" ]; do rest=${rest#/}; done
    part=${rest%%/*}
    if shared "$group" "$mode" && ! { [ "$((0$mode & 01000))" != 0 ] && [ -n "$part" ] && [ -e "$at/$part" ]; }; then
      owner=$2 # in a sticky directory, only the owner can exchange an existing entry
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
      break # missing: root creates it
    fi
  done
  printf '%s\n' "$owner"
}

# private_to_uploader DIRECTORY: true if only the ssh user, whoever that is, can write to this directory.
private_to_uploader() { [ ! -L "$1" ] && [ -d "$1" ] && [ "$(stat -c %u:%a "$1")" = "${SUDO_UID:-0}:700" ]; }

# install_file FILE MODE OWNER: write standard input to a file atomically, only if it differs; true if it did. In a
# directory that others than root can write to, the account that owns the directory writes the file, and owns it unless
# OWNER is a third account: then root creates the file where only root can access it, and renames it. The rename follows
# no link of that name, and the directory itself cannot be exchanged, because it is in one of root's.
install_file() {
  local writer status=0 directory=${1%/*} account=${3%%:*}
  # hidden until it is complete: monit includes all other files in its directory
  local new=$directory/.${1##*/}.XXXXXX
  writer=$(writer_of "$directory" "$account") || fail "accounts other than root can write to $directory" "remove that permission (chmod g-w,o-w $directory), then run pulumi up again"
  if [ "$writer" = root ]; then
    install_file_as "$new" "$1" "$2" "$3" || status=$?
  elif [ "$account" = root ] || [ "$account" = "$writer" ]; then
    runuser -u "$writer" -- bash -c "$(declare -f install_file_as same_file); install_file_as \"\$@\"" install_file "$new" "$1" "$2" '' || status=$?
  elif [ "$(writer_of "${directory%/*}" root)" = root ]; then
    install_file_as "$state/new.XXXXXX" "$1" "$2" "$3" || status=$?
  else
    status=2
  fi
  [ "$status" != 9 ] || return 1
  [ "$status" = 0 ] || fail "$writer cannot write $1" 'check space, permissions and mounts of that directory, then run pulumi up again'
}

# install_file_as TEMPLATE FILE MODE OWNER: write standard input to a new file, which mktemp names after TEMPLATE, and rename
# it to FILE; status 9 if FILE is the same already.
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

# same_file NEW FILE: true if FILE is a regular file with the content, mode and owner of NEW.
same_file() {
  [ -f "$2" ] && [ ! -L "$2" ] && cmp -s -- "$1" "$2" && [ "$(stat -c %a:%U:%G -- "$1")" = "$(stat -c %a:%U:%G -- "$2")" ]
}
