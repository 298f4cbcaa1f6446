# Exports a file for other hosts, and packs it again if its contents have changed.
# Needs: file; command, which packs it, or nothing if another step has created it; contents (the
# files and directories in it); owners (the accounts that may own it).
# Leaves: a copy in $state/outgoing, for root only: it may contain the cluster's private keys
# (guide, steps 8 and 21). Reports its digest.
# Second run: packs the file only if it is missing or older than its contents.
require_vars file command contents owners

locate_archive "$file"
outdated() {
  [ ! -s "$archive" ] || [ -n "$(find "${contents[@]}" -type f -cnewer "$archive" -print -quit)" ]
}

if [ "${#command[@]}" -gt 0 ] && { [ -n "$interrupted" ] || outdated; }; then
  run_vendor 'read the log, fix what it reports, then run pulumi up again' "${command[@]}"
  changed "packed $file"
fi
[ -s "$archive" ] ||
  fail "$file is missing, but other hosts need it" \
    'read the logs of the previous steps; archive paths are defined under archives in the release profile'
[ "${#command[@]}" = 0 ] || chmod 0600 "$archive"
install -d -m 0700 "$state/outgoing"
take_file "$archive" "$state/outgoing/$1" "${owners[@]}"
output digest "$(digest_of "$state/outgoing/$1")"
