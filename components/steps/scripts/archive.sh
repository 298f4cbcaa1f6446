# shellcheck disable=SC2034 # the scripts use what is set here
# How steps handle files that other accounts of the host could exchange: the vendor's archives and
# an uploaded RPM.
# Needs: $state, $work. Leaves: directories below $state that only root can access; a vendor script
# sees them in place of directories of other accounts. Second run: the same.

# locate_archive FILE: set `archive` to where the archive really is, and `inside` to a command that
# runs a vendor script which reads or writes it at FILE. If accounts other than root can write to
# FILE's directory, that script sees a directory of root's in its place.
locate_archive() {
  local directory=${1%/*} private=$state/archives${1%/*}
  archive=$1 inside=()
  [ "$(writer_of "$directory" root)" != root ] || return 0
  [ -d "$directory" ] ||
    fail "the archive directory $directory is missing" \
      'check archives in the release profile, and that the product is installed'
  install -d -m 0755 "$private"
  archive=$private/${1##*/}
  # shellcheck disable=SC2016 # the inner shell expands these
  inside=(unshare -m -- bash
    -c 'mount --make-rprivate / && mount --bind "$0" "$1" && shift && exec "$@"' "$private"
    "$directory")
}

# take_file FILE COPY ACCOUNT...: copy a regular file that one of these accounts owns to where only
# root can access it. The file is opened once, so that the file that is checked is the file that is
# copied. Symbolic links, hard links and files of other accounts are refused.
take_file() {
  local file=$1 copy=$2 new owner \
    remedy='find out who created it, remove it on this host, then run pulumi up again'
  shift 2
  { [ -f "$file" ] && [ ! -L "$file" ]; } || fail "$file is a link or not a regular file" "$remedy"
  exec 8<"$file"
  [ "$(stat -c %d:%i:%h -- "$file")" = "$(stat -Lc %d:%i:1 /proc/self/fd/8)" ] ||
    fail "$file is a link" "$remedy"
  owner=$(stat -Lc %U /proc/self/fd/8)
  printf '%s\n' "$@" | grep -xF -e "$owner" >/dev/null ||
    fail "$file belongs to $owner, not to $*" "$remedy"
  rm -f "$copy".* # left by an interrupted run
  new=$(mktemp "$copy.XXXXXX")
  cat <&8 >"$new" ||
    fail "$file cannot be copied to ${copy%/*}" 'free space there, then run pulumi up again'
  exec 8<&-
  mv -fT "$new" "$copy"
}
