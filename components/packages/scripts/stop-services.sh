# Stops all Deephaven services before another build is installed (guide, Installing Patch Updates,
# step 1).
# Needs: package, release (the declared version-release); staging, upload and sha256 of its RPM,
# empty if it comes from a repository.
# Leaves: no Deephaven service running if the installed build differs; otherwise everything as it
# was. Nothing is stopped for an RPM that cannot be installed.
# Second run: checks what is installed, not what was done before, so it never stops a host that has
# the declared build.
require_vars package release staging upload sha256

installed=$(builds | tr '\n' ' ')
[ -n "$installed" ] && [ "$installed" != "$release " ] || return 0
[ -z "$staging" ] || find_rpm
stop_all 'stop them by hand (monit stop all), then run pulumi up again'
changed "services stopped: build ${installed% } is installed, $release is declared"
