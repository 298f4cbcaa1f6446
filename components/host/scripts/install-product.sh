# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Installs the product's RPM (guide, step 5).
# Needs: package, release (version-release that is declared), staging (where the RPM was put, under any name), sha256,
# install (the package manager's command for a file, which follows), downgrade (the same where a newer build is).
# Leaves: the declared build installed, and in staging no other RPM than its own.
# Second run: changes nothing when the declared build is installed.
needs package release staging sha256 install downgrade

installed=$(rpm -q --qf '%{VERSION}-%{RELEASE}' "$package") || installed=
[ "$installed" != "$release" ] || return 0
again="bring it again: pulumi up --replace '**::${step_host%% *}-rpm'"
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
tool 'see what the package manager says, mend it on this host, then run pulumi up again' "${install[@]}" "$file"
# A package manager passes over a file that is older than what is installed, and says so with status 0.
if [ -n "$installed" ] && [ "$(rpm -q --qf '%{VERSION}-%{RELEASE}' "$package")" = "$installed" ]; then
  tool 'see what the package manager says, mend it on this host, then run pulumi up again' "${downgrade[@]}" "$file"
fi
installed=$(rpm -q --qf '%{VERSION}-%{RELEASE}' "$package") || installed=nothing
[ "$installed" = "$release" ] || fail "after ${install[0]}, $installed is installed, not $release" 'see what it says in the log'
# shellcheck disable=SC2086 # names of RPMs have no blanks
[ -z "$others" ] || rm -f $others
changed "installed $package-$release"
