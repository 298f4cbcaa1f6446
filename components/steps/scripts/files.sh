# How steps write files on the host: atomically, and never through anything that another account may
# have planted.
# Needs: $state, and fail from lib.sh. Leaves: see each function. Second run: see each function.

# shared GROUP MODE: true if accounts other than the owner may write to a directory; root's own
# group counts as root.
shared() { [ "$((0$2 & 02))" != 0 ] || { [ "$((0$2 & 020))" != 0 ] && [ "$1" != 0 ]; }; }

# writer_of DIRECTORY ACCOUNT: print the account that writes files there, because root would follow
# links that others plant. It is root if only root can write to the directory and to all directories
# above it; otherwise it is the owner of the first one that is not root's. Where other accounts may
# write as well, it is ACCOUNT; false if ACCOUNT is root.
writer_of() {
  local rest=$1 at='' part owner group mode links=0
  while :; do
    read -r owner group mode <<<"$(stat -c '%U %g %a' "$at/")"
    [ "$owner" = root ] || break
    while [ "${rest#/}" != "$rest" ]; do rest=${rest#/}; done
    part=${rest%%/*}
    if shared "$group" "$mode" && ! { [ "$((0$mode & 01000))" != 0 ] && [ -n "$part" ] &&
      [ -e "$at/$part" ]; }; then
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

# private_to_uploader DIRECTORY: true if only the ssh user, whoever that is, can write to this
# directory.
private_to_uploader() {
  [ ! -L "$1" ] && [ -d "$1" ] && [ "$(stat -c %u:%a "$1")" = "${SUDO_UID:-0}:700" ]
}

# durable PATH...: wait until these files and directories survive a loss of power. Without a command
# that does so for single files (coreutils before 8.24), all file systems are written.
durable() { sync -- "$@"; }

# write_line FILE TEXT: write a line to a file below $state, atomically; false, and the file is as
# before, if that fails.
write_line() {
  { printf '%s\n' "$2" >"$1.new" && durable "$1.new" && mv -fT -- "$1.new" "$1" &&
    durable "${1%/*}"; } || {
    rm -f -- "$1.new"
    return 1
  }
}

# remember FILE TEXT: write a line to a file below $state; a failure ends the step.
remember() {
  write_line "$1" "$2" || fail "cannot write $1" "free space in $state, then run pulumi up again"
}

# remembers FILE TEXT: true if `remember` wrote this line.
remembers() { [ "$(cat -- "$1" 2>/dev/null)" = "$2" ]; }

# install_file FILE MODE OWNER COMMAND...: write a command's output to a file atomically. True if
# the file was changed, or if the last run of this step did not succeed, so that what follows a
# change may be missing; false if it is the same. Any failure ends the step. In a directory that
# others than root can write to, the account that owns the directory writes the file, and owns it
# unless OWNER is a third account: then root creates the file where only root can access it, and
# renames it. The rename follows no link of that name, and the directory itself cannot be exchanged,
# because it is in one of root's.
install_file() {
  local file=$1 mode=$2 owner=$3 directory=${1%/*} account=${3%%:*} content=$work/content writer \
    status=0
  # hidden until it is complete: monit includes all other files in its directory
  local new=$directory/.${file##*/}.XXXXXX
  shift 3
  { (umask 077 && : >"$content") && "$@" >"$content"; } ||
    fail "the content of $file cannot be generated" \
      "check space in ${work%/*} and read the log, then run pulumi up again"
  writer=$(writer_of "$directory" "$account") ||
    fail "accounts other than root can write to $directory" \
      "remove that permission (chmod g-w,o-w $directory), then run pulumi up again"
  if [ "$writer" = root ]; then
    install_file_as "$new" "$file" "$mode" "$owner" <"$content" || status=$?
  elif [ "$account" = root ] || [ "$account" = "$writer" ]; then
    runuser -u "$writer" -- bash \
      -c "$(declare -f install_file_as same_file durable); install_file_as \"\$@\"" install_file \
      "$new" "$file" "$mode" '' <"$content" || status=$?
  elif [ "$(writer_of "${directory%/*}" root)" = root ]; then
    install_file_as "$state/new.XXXXXX" "$file" "$mode" "$owner" <"$content" || status=$?
  else
    status=2
  fi
  rm -f "$content"
  case $status in
    0) return 0 ;;
    9) [ -n "$interrupted" ] ;;
    *) fail "$writer cannot write $file" \
      'check space, permissions and mounts of that directory, then run pulumi up again' ;;
  esac
}

# install_file_as TEMPLATE FILE MODE OWNER: write standard input to a new file, which mktemp names
# after TEMPLATE, and rename it to FILE; status 9 if FILE is the same already, 2 if it cannot be
# written.
install_file_as() {
  local new
  rm -f -- "${1%XXXXXX}"* # left by runs that were killed
  mkdir -p -- "${2%/*}" && new=$(mktemp -- "$1") || return 2
  { cat >"$new" && chmod -- "$3" "$new" && { [ -z "$4" ] || chown -- "$4" "$new"; }; } ||
    {
      rm -f -- "$new"
      return 2
    }
  if same_file "$new" "$2"; then
    rm -f -- "$new"
    return 9
  fi
  { durable "$new" && mv -fT -- "$new" "$2"; } || {
    rm -f -- "$new"
    return 2
  }
  durable "${2%/*}" || return 2
}

# same_file NEW FILE: true if FILE is a regular file with the content, mode and owner of NEW.
same_file() {
  [ -f "$2" ] && [ ! -L "$2" ] && cmp -s -- "$1" "$2" &&
    [ "$(stat -c %a:%U:%G -- "$1")" = "$(stat -c %a:%U:%G -- "$2")" ]
}
