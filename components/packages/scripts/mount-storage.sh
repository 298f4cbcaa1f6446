# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Mounts the stack's file systems and keeps them in fstab. Nothing is ever formatted, unmounted or removed.
# Needs: sources, paths, types, options: the columns of fstab, one element for each file system, outer paths first.
# Leaves: each mounted, and one line for its path in fstab below a mark of this program.
# Second run: changes nothing. A path where something else is mounted, or data would be hidden, is refused.
require_vars sources paths types options

fstab=/etc/fstab
mark='# managed by the Deephaven program; edit it under mounts in the stack file:'

# mounted_at PATH: type and source of what is mounted there, the uppermost.
mounted_at() { awk -v path="$1" '$5 == path { for (i = 7; $i != "-"; i++); print $(i + 1), $(i + 2) }' /proc/self/mountinfo | tail -n 1; }

# declared_at PATH: type and source of another's line for the path in fstab.
declared_at() { awk -v path="$1" -v mark="$mark" '$0 == mark { getline; next } $1 !~ /^#/ && $2 == path { print $3, $1 }' "$fstab"; }

# device SOURCE: the device that a name of fstab means, or the source itself.
device() {
  case $1 in
    UUID=* | LABEL=* | PARTUUID=* | PARTLABEL=*) findfs "$1" || printf '%s\n' "$1" ;;
    /*) readlink -f "$1" ;;
    *) printf '%s\n' "${1%/}" ;;
  esac
}

# is_it PATH SOURCE TYPE: what is mounted at the path is what the stack says.
is_it() {
  local type source
  read -r type source <<<"$(mounted_at "$1")"
  [ ! -d "$2" ] || [ ! "$2" -ef "$1" ] || return 0 # a bind shows the file system it is part of
  [ "${type%4}" = "${3%4}" ] && [ "$(device "$source")" = "$(device "$2")" ]
}

# keep PATH SOURCE TYPE OPTIONS: the one line for the path in fstab; another's that says the same is left as it is.
keep() {
  local other line="$2 $1 $3 $4 0 0"
  other=$(declared_at "$1")
  if [ -n "$other" ]; then
    [ "$other" = "$3 $2" ] || fail "$fstab mounts $other at $1, the stack declares $3 $2" "remove that line, or correct mounts in the stack file"
    return 0
  fi
  ! grep -A 1 -xF "$mark" "$fstab" | grep -qxF "$line" || return 0
  if {
    awk -v path="$1" -v mark="$mark" '$0 == mark { held = $0; next }
      held != "" { if ($2 != path) print held "\n" $0; held = ""; next } { print }' "$fstab"
    printf '%s\n%s\n' "$mark" "$line"
  } | install_file "$fstab" 0644 root:root; then
    changed "$1 added to $fstab"
  fi
}

mount_one() {
  local path=$1 source=$2 type=$3 option=$4 there
  there=$(mounted_at "$path")
  if [ -n "$there" ]; then
    is_it "$path" "$source" "$type" || fail "$there is mounted at $path, the stack declares $type $source" "unmount it on this host when nothing needs it, or correct mounts in the stack file"
    return 0
  fi
  [ ! -e "$path" ] || [ -d "$path" ] || fail "$path is not a directory" 'move it away on this host, then run pulumi up again'
  [ -z "$(ls -A "$path" 2>/dev/null)" ] || fail "$path holds data that $source would hide" "move it away on this host, mount $source and copy it there if it is needed, then run pulumi up again"
  [ "$(writer_of "${path%/*}" root)" = root ] || fail "other accounts than root can write to ${path%/*}, and could redirect the mount" "give ${path%/*} to root (chown root, chmod go-w), or mount at another path"
  mkdir -p "$path"
  run "check that $source exists and that this host can mount $type, then run pulumi up again" mount -t "$type" -o "$option" "$source" "$path"
  changed "$source mounted at $path"
}

touch "$fstab"
for i in "${!paths[@]}"; do
  mount_one "${paths[i]}" "${sources[i]}" "${types[i]}" "${options[i]}"
  keep "${paths[i]}" "${sources[i]}" "${types[i]}" "${options[i]}"
done
