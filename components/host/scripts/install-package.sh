# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Installs the product from a repository that the host knows (guide, step 5).
# Needs: package, release (version-release that is declared), install (the package manager's command).
# Leaves: the declared build installed. Second run: changes nothing when it is.
needs package release install

build() { rpm -q --qf '%{VERSION}-%{RELEASE}' "$package"; }
[ "$(build)" != "$release" ] || return 0
tool "give this host a repository that has $package-$release, then run pulumi up again" "${install[@]}" "$package-$release"
[ "$(build)" = "$release" ] || fail "after ${install[0]}, $(build) is installed, not $release" 'see what it says in the log'
changed "installed $package-$release"
