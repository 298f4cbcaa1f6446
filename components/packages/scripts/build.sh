# shellcheck disable=SC2034 # the scripts use what is set here
# How steps check the product's build: which one is installed, and whether the declared RPM is ready
# to be installed.
# Needs: package, release, staging, upload, sha256, and archive.sh. Leaves: the declared RPM in
# staging, for root only, if it was uploaded. Second run: the same.

# package_manager COMMAND...: run a package manager, whose status proves nothing: yum skips unknown
# names and exits with 0, and zypper reports that a restart is needed, or a failed repository that
# nothing came from. The caller checks what is installed. While another one is running, zypper exits
# with 7.
package_manager() {
  local status=0
  wait_for 120 had_its_turn "$@" || true
  return "$status"
}
had_its_turn() {
  status=0
  captured "$@" || status=$?
  [ "$1:$status" != zypper:7 ]
}

# builds: print a line for each installed build: two after an interrupted transaction, none before
# the first installation.
builds() {
  local installed
  installed=$(rpm -q --qf '%{VERSION}-%{RELEASE}\n' "$package") || return 0
  printf '%s\n' "$installed"
}

# find_rpm: set `file` to the declared RPM in staging. An uploaded RPM, whatever its name, is copied
# there first, because accounts other than root can change the upload at any time.
find_rpm() {
  local again="upload it again: pulumi up --replace '**-${step_host%% *}-rpm'"
  file=$staging/$sha256.rpm
  install -d -m 0700 "$staging"
  [ "$(digest_of "$file")" = "$sha256" ] || take_upload "$again"
  found=$(rpm -qp --qf '%{NAME}-%{VERSION}-%{RELEASE}' "$file") ||
    fail "$file is not an RPM" "set the vendor's file as release.rpm"
  [ "$found" = "$package-$release" ] ||
    fail "the RPM is $found, the stack declares $package-$release" \
      'correct release.version and release.build, or set the other file as release.rpm'
  rpm -K --nosignature "$file" ||
    fail "$file is damaged: its content does not match its own digests" \
      "download the vendor's file again, set it as release.rpm, then run pulumi up again"
}

# take_upload REMEDY: find the declared RPM among the uploaded files by its digest.
take_upload() {
  local candidate others=()
  for candidate in "$upload"/*.rpm; do
    [ -e "$candidate" ] || [ -L "$candidate" ] || continue
    private_to_uploader "$upload" ||
      fail "$upload is not private to the ssh user" 'run pulumi up again: the step host repairs it'
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

# drop_others: remove the uploaded files, and every RPM in staging except the declared one.
drop_others() {
  local rpm
  for rpm in "$staging"/*.rpm; do
    [ "$rpm" = "$file" ] || rm -f -- "$rpm"
  done
  rm -f -- "$upload"/*.rpm
}
