# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Fetches the product's RPM to where it is installed from (guide, step 5).
# Needs: url, staging, sha256; package and release, to see whether it is installed already.
# Leaves: the RPM in staging, whole: it gets its name only when its digest is right.
# Second run: fetches nothing that is there or that is installed.
needs url staging sha256 package release

file=$staging/${url##*/}
file=${file%.rpm}.rpm
digest() { sha256sum <"$1" | cut -d' ' -f1; }
[ "$(rpm -q --qf '%{VERSION}-%{RELEASE}' "$package")" != "$release" ] || return 0
if [ -s "$file" ] && [ "$(digest "$file")" = "$sha256" ]; then
  return 0
fi
tool "see whether this host reaches it: curl -I $url" curl --silent --show-error --fail --location --retry 3 --connect-timeout 10 --output "$file.part" "$url"
[ "$(digest "$file.part")" = "$sha256" ] || fail "what $url gives is not the declared RPM: its digest is $(digest "$file.part")" 'compare with release.rpm.sha256, correct the one that is wrong'
mv -f "$file.part" "$file"
changed "fetched ${file##*/}"
