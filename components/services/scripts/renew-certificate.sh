# Applies the installed web certificate to the services of this host; the guide has no step for a
# renewed certificate.
# Needs: crt_file, key_file, keystores, passphrases (for each its file, base64) and aliases, again
# (a command that copies the certificate, or nothing), services, web (host:port if it is served
# here, or empty), deadline, what quote-logs.sh needs, and the secret crt, the certificate that
# should be installed.
# Leaves: keystores that contain it, with the same owner, mode and passphrase; services that started
# with it, OK.
# Second run: changes nothing. Services that were set up with this certificate are not restarted; a
# keystore with another certificate means that its services started with that one.
require_vars crt_file key_file keystores passphrases aliases again services web deadline logs \
  log_names quoted guarded crt

[ "$(cat "$crt_file" 2>/dev/null)" = "$crt" ] ||
  fail "$crt_file is not the stack's certificate" \
    'check the step certificate on this host, then run pulumi up again'
renewed=$state/renewed digest=$(digest_of "$crt_file")
mkdir -p "$renewed"
fingerprint() { openssl x509 -noout -fingerprint -sha256 | sed 's/.*=//' | grep .; }
wanted=$(fingerprint <"$crt_file")
passphrase() {
  base64 -d "${passphrases[$1]}" >"$work/passphrase" ||
    fail "${passphrases[$1]} contains no passphrase" \
      'compare certificate.keystores in the release profile with this host'
}
# is_current N: true if the Nth keystore contains the installed certificate.
is_current() {
  passphrase "$1"
  openssl pkcs12 -in "${keystores[$1]}" -nokeys -clcerts -passin "file:$work/passphrase" |
    fingerprint >"$work/stored" ||
    fail "${keystores[$1]} cannot be read or contains no certificate" \
      'compare certificate.keystores in the release profile with this host'
  [ "$(cat "$work/stored")" = "$wanted" ]
}
# applied PART: true if a record shows that the part has this certificate.
applied() { remembers "$renewed/$1" "$digest"; }
record() { remember "$renewed/$1" "$digest"; }

fresh=yes
[ -z "$interrupted" ] || fresh= # a service may run with the certificate that it had before
for n in "${!keystores[@]}"; do
  { [ -f "${keystores[n]}" ] && [ ! -L "${keystores[n]}" ]; } ||
    fail "the keystore ${keystores[n]} is missing" \
      'compare certificate.keystores in the release profile with what iris_keygen.sh left on this host'
  is_current "$n" || fresh=
done
for part in .keystores .again ${services[@]+"${services[@]}"}; do
  if [ -z "$fresh" ]; then
    remember "$renewed/$part" previous
  elif [ ! -e "$renewed/$part" ]; then
    record "$part"
  fi
done

if ! applied .keystores; then
  for n in "${!keystores[@]}"; do
    passphrase "$n"
    (umask 077 &&
      run "check that $crt_file and $key_file are of a type that the product supports" openssl \
        pkcs12 -export -name "${aliases[n]}" -in "$crt_file" -inkey "$key_file" \
        -out "$work/keystore" -passout "file:$work/passphrase")
    install_file "${keystores[n]}" "$(stat -c %a "${keystores[n]}")" \
      "$(stat -c %U:%G "${keystores[n]}")" cat "$work/keystore" || true
    changed "certificate installed in ${keystores[n]}"
  done
  record .keystores
fi
if ! applied .again; then
  if [ "${#again[@]}" -gt 0 ]; then
    run_vendor 'read the log, fix what it reports, then run pulumi up again' "${again[@]}"
    changed "${again[0]##*/} run again"
  fi
  record .again
fi
served() {
  openssl s_client -connect "$web" </dev/null 2>/dev/null | fingerprint >"$work/served" &&
    [ "$(cat "$work/served")" = "$wanted" ]
}
for service in ${services[@]+"${services[@]}"}; do
  applied "$service" && continue
  restart "$service"
  record "$service"
done
if [ -n "$web" ]; then
  wait_for "$deadline" served ||
    fail "$web still serves another certificate" \
      'check certificate.keystores and certificate.services in the release profile, and the log of the web API service'
  output web "$(cat "$work/served")"
fi
track_file ${keystores[@]+"${keystores[@]}"}
