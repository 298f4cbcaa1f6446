# Verifies the cluster from its first configuration server (guide, Verify the Installation and
# Troubleshooting).
# Needs: client (directory of client settings), truststore, web (host:port), url, deadline
# (seconds).
# Leaves: nothing; reports the fingerprints of the certificates. Second run: checks again.
require_vars client truststore web url deadline

server=$(cat "$client/host")
# names_server FILE: true if the certificate in FILE has the configuration server's name or address
# as a SAN. The whole text is searched, because the OpenSSL of CentOS 7 cannot print a single
# extension.
names_server() {
  openssl x509 -in "$1" -noout -text 2>/dev/null | grep -A 1 'Subject Alternative Name' |
    tr -d ' ' | tr ',' '\n' |
    grep -xF -e "DNS:$server" -e "IPAddress:$server" >/dev/null
}

awk -v to="$work/certificate" \
  '/-BEGIN CERTIFICATE-/ { n++; on = 1 } on { print >(to n) } /-END CERTIFICATE-/ { on = 0; close(to n) }' \
  "$truststore"
match=
for certificate in "$work"/certificate*; do
  ! names_server "$certificate" || match=$certificate
done
[ -n "$match" ] ||
  fail "no certificate in $truststore has $server as Subject Alternative Name" \
    "compare it with $client/host (guide, Troubleshooting); run dh_config_server_init.sh again on the host where iris_keygen ran"
output configuration_server "$(openssl x509 -in "$match" -noout -fingerprint -sha256 | cut -d= -f2)"

answers() { curl --silent --fail --insecure --output /dev/null --max-time 5 "$url"; }
wait_for "$deadline" answers ||
  fail "$url does not answer" 'read the log of the web API service on its host'
# The certificate that is really served, whoever created it.
openssl s_client -connect "$web" </dev/null 2>/dev/null | openssl x509 >"$work/web" ||
  fail "$web serves no certificate" 'read the log of the web API service on its host'
output web "$(openssl x509 -in "$work/web" -noout -fingerprint -sha256 | cut -d= -f2)"
