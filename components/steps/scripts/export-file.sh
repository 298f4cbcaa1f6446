# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Makes a file ready to be carried to another host, and packs it again when what it holds has changed.
# Needs: file; command that packs it, or none where another step has made it; contents (files and directories it holds);
# owners (the accounts whose file it may be).
# Leaves: a copy in $state/outgoing, for root alone: it may hold the cluster's private keys (guide, steps 8 and 21).
# Reports its digest.
# Second run: packs only what is missing or older than its contents.
require_vars file command contents owners

locate_archive "$file"
outdated() { [ ! -s "$archive" ] || [ -n "$(find "${contents[@]}" -type f -cnewer "$archive" -print -quit)" ]; }

if [ "${#command[@]}" -gt 0 ] && outdated; then
  run_vendor 'read the log, fix what it reports, then run pulumi up again' "${command[@]}"
  changed "packed $file"
fi
[ -s "$archive" ] || fail "$file, which other hosts need, is missing" 'read the logs of the previous steps; the paths of archives are defined under archives in the release profile'
[ "${#command[@]}" = 0 ] || chmod 0600 "$archive"
install -d -m 0700 "$state/outgoing"
take_file "$archive" "$state/outgoing/$1" "${owners[@]}"
output digest "$(digest_of "$state/outgoing/$1")"
