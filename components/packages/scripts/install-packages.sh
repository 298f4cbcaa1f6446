# Installs the distribution's packages that the host needs (guide, steps 1 to 4).
# Needs: packages, install (the package manager's command; the names follow), java (what `java
# -version` must print).
# Leaves: the packages installed, and Java of that version on PATH.
# Second run: installs only what is missing; never upgrades.
require_vars packages install java

find_missing() {
  local package
  missing=()
  for package in "${packages[@]}"; do
    rpm -q --quiet --whatprovides "$package" || missing+=("$package")
  done
}
find_missing
if [ "${#missing[@]}" -gt 0 ]; then
  wanted=${missing[*]} status=0
  package_manager "${install[@]}" "${missing[@]}" || status=$?
  find_missing
  [ "${#missing[@]}" = 0 ] ||
    fail "${install[0]} exited with status $status without installing ${missing[*]}$(why)" \
      "give this host a repository with ${missing[*]}, then run pulumi up again"
  changed "installed $wanted"
fi
version=$(java -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p') || true
case $version in
  "$java"*) ;;
  *)
    fail "Java is ${version:-missing}, but $java is required" \
      "make Java $java the default (alternatives --config java); the guide supports no other version"
    ;;
esac
