# Installs the product's RPM (guide, step 5, and Installing Patch Updates, step 2).
# Needs: package, release (the declared version-release); staging and upload (where the RPM is, or
# was uploaded to) and sha256, all empty if the RPM comes from a repository of the host; install and
# downgrade (the package manager's commands for a newer and for an older build; what to install
# follows).
# Leaves: the declared build installed, and no RPM but its own in staging. No service runs while
# builds change: a service that started again after the stop, because the host was booted, is
# stopped again.
# Second run: changes nothing if the declared build is installed; completes an interrupted
# transaction.
require_vars package release staging upload sha256 install downgrade

installed=$(builds)
if [ "$installed" = "$release" ]; then
  file=$staging/$sha256.rpm
  # an interrupted run may have left RPMs that nothing needs
  [ -z "$interrupted" ] || [ -z "$staging" ] || drop_others
  return 0
fi
what=$package-$release
remedy='read what the package manager reports, fix it on this host, then run pulumi up again'
[ -n "$staging" ] || remedy="give this host a repository with $what, then run pulumi up again"
if [ -n "$installed" ]; then
  printf \
    '  services stay stopped on all hosts until all have the same build\n  to go back: declare %s again with its RPM, and allow: [{refusal: downgrade, reason: ...}]; then run pulumi up\n' \
    "${installed%%$'\n'*}" >"$work/details"
  all_stopped || stop_all 'stop them by hand (monit stop all), then run pulumi up again'
fi
if [ -n "$staging" ]; then
  find_rpm
  what=$file
fi
if [ "$(wc -l <<<"$installed")" -gt 1 ]; then
  [ -n "$staging" ] ||
    fail "an interrupted transaction left ${installed//$'\n'/ and }" \
      "remove the unwanted one with rpm -e $package-BUILD; $remedy"
  command=(rpm -U --replacepkgs --oldpackage)
elif [ "$(printf '%s\n' "$installed" "$release" | sort -V | tail -n 1)" = "$release" ]; then
  command=("${install[@]}")
else
  command=("${downgrade[@]}")
fi
status=0
package_manager "${command[@]}" "$what" || status=$?
left=$(builds)
[ "$left" = "$release" ] ||
  fail \
    "${command[0]} exited with status $status and left ${left:-nothing} installed, not $release$(why)" \
    "$remedy"
[ -z "$staging" ] || drop_others
changed "installed $package-$release"
