# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Lets this host use the web certificate that is installed now; the guide has no step for a renewed one.
# Needs: crt_file, key_file, keystores, passphrases (for each its file, base64) and aliases, again (a command that copies
# the certificate, or nothing), services, web (host:port where it is served here, or empty), deadline, what quote-logs.sh
# needs, and the secret crt, which is what should be installed.
# Leaves: keystores that hold it, with their owner, mode and passphrase; services that were started with it, OK.
# Second run: changes nothing. What was set up with this certificate is not restarted; a keystore that holds another one
# means that its services were started with that one.
require_vars crt_file key_file keystores passphrases aliases again services web deadline logs log_names quoted guarded crt

[ "$(cat "$crt_file" 2>/dev/null)" = "$crt" ] || fail "$crt_file is not the stack's certificate" 'check the step certificate on this host, then run pulumi up again'
known=$state/renewed digest=$(digest_of "$crt_file")
mkdir -p "$known"
fingerprint() { openssl x509 -noout -fingerprint -sha256 | sed 's/.*=//' | grep .; }
wanted=$(fingerprint <"$crt_file")
passphrase() { base64 -d "${passphrases[$1]}" >"$work/passphrase" || fail "${passphrases[$1]} holds no passphrase" 'compare certificate.keystores in the release profile with this host'; }
# holds N: the Nth keystore has the installed certificate.
holds() {
  passphrase "$1"
  openssl pkcs12 -in "${keystores[$1]}" -nokeys -clcerts -passin "file:$work/passphrase" | fingerprint >"$work/held" || fail "${keystores[$1]} cannot be read, or holds no certificate" 'compare certificate.keystores in the release profile with this host'
  [ "$(cat "$work/held")" = "$wanted" ]
}
current() { [ "$(cat "$known/$1" 2>/dev/null)" = "$digest" ]; }
remember() { printf '%s\n' "$digest" >"$known/$1"; }

fresh=yes
for n in "${!keystores[@]}"; do
  { [ -f "${keystores[n]}" ] && [ ! -L "${keystores[n]}" ]; } || fail "the keystore ${keystores[n]} is missing" 'compare certificate.keystores in the release profile with what iris_keygen.sh left on this host'
  holds "$n" || fresh=
done
for part in .keystores .again ${services[@]+"${services[@]}"}; do
  if [ -z "$fresh" ]; then
    printf 'previous\n' >"$known/$part"
  elif [ ! -e "$known/$part" ]; then
    remember "$part"
  fi
done

if ! current .keystores; then
  for n in "${!keystores[@]}"; do
    passphrase "$n"
    (umask 077 && run "check that $crt_file and $key_file are of a type that the product supports" openssl pkcs12 -export -name "${aliases[n]}" -in "$crt_file" -inkey "$key_file" -out "$work/keystore" -passout "file:$work/passphrase")
    install_file "${keystores[n]}" "$(stat -c %a "${keystores[n]}")" "$(stat -c %U:%G "${keystores[n]}")" <"$work/keystore" || true
    changed "the certificate installed in ${keystores[n]}"
  done
  remember .keystores
fi
if ! current .again; then
  if [ "${#again[@]}" -gt 0 ]; then
    run_vendor 'read the log, fix what it reports, then run pulumi up again' "${again[@]}"
    changed "${again[0]##*/} run again"
  fi
  remember .again
fi
served() { openssl s_client -connect "$web" </dev/null 2>/dev/null | fingerprint >"$work/served" && [ "$(cat "$work/served")" = "$wanted" ]; }
for service in ${services[@]+"${services[@]}"}; do
  current "$service" && continue
  restart "$service"
  remember "$service"
  restarted=yes
done
if [ -n "$web" ]; then
  [ -z "${restarted:-}" ] || wait_for "$deadline" served || fail "$web still serves another certificate" 'check certificate.keystores and certificate.services in the release profile, and the log of the web API service'
  served || true
  output web "$(cat "$work/served")"
fi
track_file ${keystores[@]+"${keystores[@]}"}
