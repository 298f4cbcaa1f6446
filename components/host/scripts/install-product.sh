# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Installs the product's RPM (guide, step 5).
# Needs: package, release (version-release that is declared), file, sha256.
# Leaves: the declared build installed.
# Second run: changes nothing when the declared build is installed.
needs package release file sha256

installed=$(rpm -q --qf '%{VERSION}-%{RELEASE}' "$package") || installed=
[ "$installed" != "$release" ] || return 0
again="copy it again: pulumi up --replace '**::${step_host%% *}-rpm'"
[ -e "$file" ] || fail "the product's RPM is not there: $file" "$again"
[ "$(sha256sum <"$file" | cut -d' ' -f1)" = "$sha256" ] || fail "$file is not the file of the project: its digest differs" "$again"
found=$(rpm -qp --qf '%{NAME}-%{VERSION}-%{RELEASE}' "$file") || fail "$file is not an RPM" 'give the vendor'"'"'s file under release.rpm.file'
[ "$found" = "$package-$release" ] || fail "the RPM is $found, the stack declares $package-$release" 'correct release.version and release.build, or give the other file under release.rpm.file'
rpm -K --nosignature "$file" || fail "$file is damaged: its content does not fit its own digests" "get the vendor's file again, put it under release.rpm.file, then run pulumi up again"
tool 'see what yum says, mend it on this host, then run pulumi up again' yum localinstall -y "$file"
installed=$(rpm -q --qf '%{VERSION}-%{RELEASE}' "$package") || installed=nothing
[ "$installed" = "$release" ] || fail "after yum localinstall, $installed is installed, not $release" 'see what yum says in the log'
changed "installed $package-$release"
