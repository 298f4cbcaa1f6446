#!/bin/bash
# Makes what the stack production-ha is provided with: a wildcard certificate of a company's authority, with its key.
# Needs: openssl. Leaves: lab/.build/wildcard/tls.crt (the whole chain) and tls.key.
# Second run: the same certificate while it is valid for a month.
set -euo pipefail
cd "$(dirname "$0")/../../.."
made=lab/.build/wildcard
! openssl x509 -in "$made/tls.crt" -noout -checkend 2592000 >/dev/null 2>&1 || exit 0
umask 077
mkdir -p "$made"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/O=Lab/CN=Lab authority" \
  -addext keyUsage=critical,keyCertSign,cRLSign -keyout "$work/ca.key" -out "$work/ca.crt" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/O=Lab/CN=*.lab.internal" \
  -keyout "$work/tls.key" -out "$work/request" 2>/dev/null
cat >"$work/extensions" <<'X'
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = DNS:*.lab.internal
X
openssl x509 -req -in "$work/request" -CA "$work/ca.crt" -CAkey "$work/ca.key" -CAcreateserial -days 365 \
  -extfile "$work/extensions" -out "$work/tls.crt" 2>/dev/null
cat "$work/ca.crt" >>"$work/tls.crt"
mv "$work/tls.key" "$work/tls.crt" "$made/"
