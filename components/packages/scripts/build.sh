# shellcheck shell=bash disable=SC2034,SC2154 # inputs come from the plan; the scripts use what is set here
# What steps ask of the product's build: which one is installed, and whether the declared RPM is ready to be installed.
# Needs: package, release, staging, upload, sha256, and archive.sh. Leaves: the declared RPM in staging, for root alone,
# if it was uploaded. Second run: the same.

# builds: a line for each build that is installed; two after a transaction that broke off, none before the first.
builds() {
  local found
  found=$(rpm -q --qf '%{VERSION}-%{RELEASE}\n' "$package") || return 0
  printf '%s\n' "$found"
}

# find_rpm: set `file` to the declared RPM in staging. One that was uploaded, whatever its name, is taken from there
# first: other accounts than root can change it at any time.
find_rpm() {
  local again="upload it again: pulumi up --replace '**-${step_host%% *}-rpm'"
  file=$staging/$sha256.rpm
  install -d -m 0700 "$staging"
  [ "$(digest_of "$file")" = "$sha256" ] || take_upload "$again"
  found=$(rpm -qp --qf '%{NAME}-%{VERSION}-%{RELEASE}' "$file") || fail "$file is not an RPM" 'set the vendor'"'"'s file as release.rpm'
  [ "$found" = "$package-$release" ] || fail "the RPM is $found, the stack declares $package-$release" 'correct release.version and release.build, or set the other file as release.rpm'
  rpm -K --nosignature "$file" || fail "$file is damaged: its content does not match its own digests" "download the vendor's file again, set it as release.rpm, then run pulumi up again"
}

# take_upload REMEDY: find the declared RPM among what was uploaded, by its digest.
take_upload() {
  local candidate others=()
  for candidate in "$upload"/*.rpm; do
    [ -e "$candidate" ] || [ -L "$candidate" ] || continue
    uploader_alone "$upload" || fail "$upload is not private to the ssh user" 'run pulumi up again: the step host repairs it'
    take_file "$candidate" "$staging/candidate" "$(stat -c %U "$upload")"
    if [ "$(digest_of "$staging/candidate")" = "$sha256" ]; then
      mv -fT "$staging/candidate" "$file"
      return 0
    fi
    rm -f "$staging/candidate"
    others+=("$candidate")
  done
  [ "${#others[@]}" -gt 0 ] || fail "the product's RPM is missing: $upload has none" "$1"
  fail "${others[*]} is not the declared RPM: its digest differs" "$1"
}

# drop_others: remove what was uploaded, and every RPM in staging that is not the declared one.
drop_others() {
  local kept
  for kept in "$staging"/*.rpm; do
    [ "$kept" = "$file" ] || rm -f -- "$kept"
  done
  rm -f -- "$upload"/*.rpm
}
