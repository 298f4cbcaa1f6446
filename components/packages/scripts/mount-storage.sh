# Mounts the stack's file systems and keeps them in fstab; never formats, unmounts or removes
# anything.
# Needs: sources, paths, types, options: the columns of fstab, one element for each file system,
# outer paths first.
# Leaves: each mounted, and one line for its path in fstab below a mark of this program.
# Second run: changes nothing. A path where something else is mounted, or where data would be
# hidden, is refused.
require_vars sources paths types options

fstab=/etc/fstab
mark='# managed by the Deephaven program; edit it under mounts in the stack file:'

# mounted_at PATH: print type and source of the topmost mount there.
mounted_at() {
  awk -v path="$1" '$5 == path { for (i = 7; $i != "-"; i++); print $(i + 1), $(i + 2) }' \
    /proc/self/mountinfo | tail -n 1
}

# declared_at PATH: print type and source of a line for the path in fstab that this program did not
# write.
declared_at() {
  awk -v path="$1" -v mark="$mark" \
    '$0 == mark { getline; next } $1 !~ /^#/ && $2 == path { print $3, $1 }' "$fstab"
}

# device SOURCE: print the device that a name in fstab refers to, or the source itself.
device() {
  case $1 in
    UUID=* | LABEL=* | PARTUUID=* | PARTLABEL=*) findfs "$1" || printf '%s\n' "$1" ;;
    /*) readlink -f "$1" ;;
    *) printf '%s\n' "${1%/}" ;;
  esac
}

# is_declared PATH SOURCE TYPE: true if the mount at the path is the one that the stack declares.
is_declared() {
  local type source
  read -r type source <<<"$(mounted_at "$1")"
  # a bind mount shows the file system that contains it
  [ ! -d "$2" ] || [ ! "$2" -ef "$1" ] || return 0
  [ "${type%4}" = "${3%4}" ] && [ "$(device "$source")" = "$(device "$2")" ]
}

# with_line PATH LINE: print fstab with this line for the path, in place of the one that this
# program wrote before.
with_line() {
  awk -v path="$1" -v mark="$mark" '$0 == mark { pending = $0; next }
    pending != "" { if ($2 != path) print pending "\n" $0; pending = ""; next }
    { print }' "$fstab" &&
    printf '%s\n%s\n' "$mark" "$2"
}

# keep PATH SOURCE TYPE OPTIONS: write one line for the path to fstab; an equivalent line that
# someone else wrote stays.
keep() {
  local existing line="$2 $1 $3 $4 0 0"
  existing=$(declared_at "$1")
  if [ -n "$existing" ]; then
    [ "$existing" = "$3 $2" ] ||
      fail "$fstab mounts $existing at $1, the stack declares $3 $2" \
        "remove that line, or correct mounts in the stack file"
    return 0
  fi
  ! grep -A 1 -xF "$mark" "$fstab" | grep -xF "$line" >/dev/null || return 0
  if install_file "$fstab" 0644 root:root with_line "$1" "$line"; then
    changed "$1 added to $fstab"
  fi
}

mount_one() {
  local path=$1 source=$2 type=$3 option=$4 mounted
  mounted=$(mounted_at "$path")
  if [ -n "$mounted" ]; then
    is_declared "$path" "$source" "$type" ||
      fail "$mounted is mounted at $path, the stack declares $type $source" \
        "unmount it on this host if nothing needs it, or correct mounts in the stack file"
    return 0
  fi
  [ ! -e "$path" ] || [ -d "$path" ] ||
    fail "$path is not a directory" 'move it away on this host, then run pulumi up again'
  [ -z "$(ls -A "$path" 2>/dev/null)" ] ||
    fail "$path contains data that $source would hide" \
      "move it away on this host, mount $source and copy it there if it is needed, then run pulumi up again"
  [ "$(writer_of "${path%/*}" root)" = root ] ||
    fail "accounts other than root can write to ${path%/*} and could redirect the mount" \
      "give ${path%/*} to root (chown root, chmod go-w), or mount at another path"
  mkdir -p "$path"
  run "check that $source exists and that this host can mount $type, then run pulumi up again" \
    mount -t "$type" -o "$option" "$source" "$path"
  changed "$source mounted at $path"
}

touch "$fstab"
for i in "${!paths[@]}"; do
  mount_one "${paths[i]}" "${sources[i]}" "${types[i]}" "${options[i]}"
  keep "${paths[i]}" "${sources[i]}" "${types[i]}" "${options[i]}"
done
