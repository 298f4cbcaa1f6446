# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Sees to it that a file is there to be carried to another host, and packs it anew when what it holds has changed.
# Needs: file; command that packs it, or none where another step has made it; contents (files and directories it holds).
# Leaves: the file, for root alone: it may hold the cluster's private keys (guide, steps 8 and 21). Reports its digest.
# Second run: packs only what is missing or older than its contents.
needs file command contents

outdated() { [ ! -s "$file" ] || [ -n "$(find "${contents[@]}" -type f -cnewer "$file" -print -quit)" ]; }

if [ "${#command[@]}" -gt 0 ] && outdated; then
  vendor 'read the log, mend what it says, then run pulumi up again' "${command[@]}"
  changed "packed $file"
fi
[ -s "$file" ] || fail "there is no $file to carry to other hosts" 'read the logs of the steps before; the place of archives stands under archives in the release profile'
[ "${#command[@]}" = 0 ] || chmod 0600 "$file"
report digest "$(sha256sum <"$file" | cut -d' ' -f1)"
