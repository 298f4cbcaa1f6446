# Downloads the product's RPM to the directory that it is installed from (guide, step 5).
# Needs: url, staging, sha256; package and release, to skip the download if that build is installed.
# Leaves: the complete RPM in staging, for root only: it gets its name, the digest, only if its
# digest is right.
# Second run: downloads nothing if the RPM is in staging or its build is installed.
require_vars url staging sha256 package release

file=$staging/$sha256.rpm
[ "$(rpm -q --qf '%{VERSION}-%{RELEASE}' "$package")" != "$release" ] || return 0
[ "$(digest_of "$file")" != "$sha256" ] || return 0
install -d -m 0700 "$staging"
run "check that this host reaches it: curl -I $url" curl --silent --show-error --fail \
  --location --retry 3 --connect-timeout 10 --output "$file.part" "$url"
[ "$(digest_of "$file.part")" = "$sha256" ] ||
  fail "the file at $url is not the declared RPM: its digest is $(digest_of "$file.part")" \
    'compare it with release.rpm.sha256 and correct the wrong one'
mv -f "$file.part" "$file"
changed "downloaded ${url##*/}"
