# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Installs the distribution's packages that the host needs (guide, steps 1 to 4).
# Needs: packages, install (the package manager's command; the names follow), java (what `java -version` must print).
# Leaves: the packages installed, and Java of that version on PATH.
# Second run: installs only what is missing; never upgrades.
require_vars packages install java

missing=()
for package in "${packages[@]}"; do
  rpm -q --quiet --whatprovides "$package" || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  run "give this host a repository with ${missing[*]}, then run pulumi up again" "${install[@]}" "${missing[@]}"
  changed "installed ${missing[*]}"
fi
version=$(java -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p')
case $version in
  "$java"*) ;;
  *) fail "Java is ${version:-missing}, but $java is required" "make Java $java the default (alternatives --config java); the guide supports no other version" ;;
esac
