# Packages the cluster's keys and settings for the other hosts (guide, step 21, and Adding Servers,
# step 8).
# Needs: command (config_packager.sh auth package), file (the archive), hosts (which will get it).
# Leaves: the archive, for root only: it contains the cluster's private keys.
# Second run: packages again only for hosts that no archive was packaged for, because what was
# configured since would be missing on them; or if the archive is missing.
require_vars command file hosts

packaged=$state/packaged
mkdir -p "$packaged"
locate_archive "$file"
for record in "$packaged"/*; do # a host that was removed is new if it is added again
  [ ! -e "$record" ] || printf '%s\n' "${hosts[@]}" | grep -xF -e "${record##*/}" >/dev/null ||
    rm -f "$record"
done
wanted=
[ -s "$archive" ] && [ -z "$interrupted" ] || wanted=yes
for host in "${hosts[@]}"; do
  [ -e "$packaged/$host" ] || wanted=yes
done
if [ -n "$wanted" ]; then
  run_vendor 'read the log, fix what it reports, then run pulumi up again' "${command[@]}"
  [ -s "$archive" ] ||
    fail "config_packager.sh did not create $file" \
      'read the log; archive paths are defined under archives in the release profile'
  chmod 0600 "$archive"
  for host in "${hosts[@]}"; do
    remember "$packaged/$host" "${file##*/}"
  done
  changed "packaged ${file##*/}"
fi
