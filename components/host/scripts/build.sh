# shellcheck shell=bash disable=SC2034,SC2154 # inputs come from the plan; the scripts use what is set here
# What steps ask of the product's build: which one is installed, and whether the declared RPM is ready to be installed.
# Needs: package, release, staging, sha256. Leaves: nothing. Second run: the same.

# builds: a line for each build that is installed; two after a transaction that broke off, none before the first.
builds() {
  local found
  found=$(rpm -q --qf '%{VERSION}-%{RELEASE}\n' "$package") || return 0
  printf '%s\n' "$found"
}

# find_rpm: set `file` to the declared RPM in staging, whatever its name, and `others` to all that is not it.
find_rpm() {
  local candidate found again="bring it again: pulumi up --replace '**::${step_host%% *}-rpm'"
  file='' others=''
  for candidate in "$staging"/*.rpm; do
    [ -e "$candidate" ] || continue
    if [ "$(sha256sum <"$candidate" | cut -d' ' -f1)" = "$sha256" ]; then file=$candidate; else others+=" $candidate"; fi
  done
  [ -n "$file$others" ] || fail "the product's RPM is not there: $staging has none" "$again"
  [ -n "$file" ] || fail "$others is not the declared RPM: its digest differs" "$again"
  found=$(rpm -qp --qf '%{NAME}-%{VERSION}-%{RELEASE}' "$file") || fail "$file is not an RPM" 'give the vendor'"'"'s file under release.rpm'
  [ "$found" = "$package-$release" ] || fail "the RPM is $found, the stack declares $package-$release" 'correct release.version and release.build, or give the other file under release.rpm'
  rpm -K --nosignature "$file" || fail "$file is damaged: its content does not fit its own digests" "get the vendor's file again, give it under release.rpm, then run pulumi up again"
}
