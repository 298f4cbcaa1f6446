#!/bin/bash
# Functions of the install scripts that create or check certificates.
# Needs: common.sh, sourced before. Leaves: the files of its functions. Second run: new keys each
# time.

# make_certificate DIR NAME COMMON-NAME SAN [CA-DIR]: DIR/NAME.{crt,key}; signed by CA-DIR/ca or by
# itself.
make_certificate() {
  local signer=() constraint=CA:FALSE
  [ -z "${5:-}" ] || signer=(-CA "$5/ca.crt" -CAkey "$5/ca.key")
  [ "$2" != ca ] || constraint=CA:TRUE
  (
    umask 077
    openssl req -x509 -config "$DH_LATEST/etc/openssl.cnf" -newkey ec \
      -pkeyopt ec_paramgen_curve:prime256v1 \
      -nodes -days 3650 -sha256 -keyout "$1/$2.key" -out "$1/$2.crt" \
      -subj "/O=Deephaven${3:+/CN=$3}" "${signer[@]}" \
      -addext "basicConstraints=critical,$constraint" \
      -addext "extendedKeyUsage=serverAuth,clientAuth" \
      -addext "subjectAltName=$4" 2>/dev/null
  ) || fail "openssl could not create the certificate $1/$2.crt"
}

# make_keystore KEYSTORE PASSPHRASE-FILE ALIAS CERTIFICATE KEY OWNER: PKCS12 with a random, base64
# coded passphrase.
make_keystore() {
  (
    umask 077
    openssl rand -hex 16 | base64 >"$2"
    openssl pkcs12 -export -name "$3" -in "$4" -inkey "$5" -out "$1" -passout file:<(base64 -d "$2")
  ) || fail "openssl could not create the keystore $1"
  chown "$6:$6" "$1" "$2"
  chmod 400 "$1" "$2"
}

# trust LABEL CERTIFICATE: appends a labelled section to the truststore.
trust() {
  printf 'Bag Attributes\n    friendlyName: %s\n' "$1"
  openssl x509 -in "$2"
}

# check_web_certificate [FQDN]: fails with the reason if the provided certificate is unsuitable.
check_web_certificate() {
  local crt=$WEB_CERTIFICATE/tls.crt key=$WEB_CERTIFICATE/tls.key file usage name
  for file in "$crt" "$key"; do
    require_file "$file" "provide the web certificate, or install with a self-signed one"
    [ "$(stat -c '%U:%G %a' "$file")" = "irisadmin:irisadmin 400" ] ||
      fail "$file must be owned by irisadmin:irisadmin with mode 400"
  done
  openssl pkey -in "$key" -passin pass: -noout 2>/dev/null ||
    fail "$key is not a PEM key without password"
  openssl x509 -in "$crt" -noout 2>/dev/null || fail "$crt is not a PEM certificate"
  [ "$(openssl x509 -in "$crt" -noout -pubkey)" = "$(openssl pkey -in "$key" -pubout)" ] ||
    fail "$crt does not match $key"
  openssl x509 -in "$crt" -noout -checkend 0 >/dev/null || fail "$crt has expired"
  usage=$(openssl x509 -in "$crt" -noout -ext extendedKeyUsage 2>/dev/null || true)
  for name in "TLS Web Server Authentication" "TLS Web Client Authentication"; do
    grep -qF "$name" <<<"$usage" || fail "$crt lacks the extended key usage $name"
  done
  openssl x509 -in "$crt" -noout -ext subjectAltName 2>/dev/null | grep -q DNS: ||
    fail "$crt has no Subject Alternative Name"
  [ -z "${1:-}" ] || openssl x509 -in "$crt" -noout -checkhost "$1" | grep -q 'does match' ||
    fail "$crt is not valid for $1"
}
