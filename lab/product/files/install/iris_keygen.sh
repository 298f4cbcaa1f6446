#!/bin/bash
# Generates the keys, interprocess certificates, keystores and the truststore of the installation.
# Needs: root, an initialized etcd; for a provided web certificate, tls.crt and tls.key in
# /etc/deephaven/cus-tls.
# Leaves: /etc/sysconfig/deephaven/auth. Second run: new keys; the previous ones are kept as
# auth.<time>.
# shellcheck source=../lib/common.sh
. /usr/illumon/latest/lib/common.sh
# shellcheck source=../lib/certificates.sh
. "$DH_LATEST/lib/certificates.sh"

config_servers=() web_server=''
parse() {
  while [ $# -gt 0 ]; do
    case $1 in
      --config-server)
        shift
        while [ $# -gt 0 ] &&
          [[ $1 != --* ]]; do
          config_servers+=("$1")
          shift
        done
        ;;
      --web-server)
        web_server=${2:-}
        [ -n "$web_server" ] ||
          fail "--web-server needs a name"
        shift 2
        ;;
      *) fail "unknown argument $1" ;;
    esac
  done
  [ ${#config_servers[@]} -gt 0 ] ||
    fail "--config-server needs the FQDN of the configuration server host"
  local name here=''
  for name in "${config_servers[@]}"; do ! is_local "$name" || here=yes; done
  [ -n "$here" ] || fail "this host is not a configuration server: ${config_servers[*]}"
}

make_users() {
  local user
  for user in irisadmin dbquery dbmerge; do
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -outform DER \
      -out "$work/$user.der" 2>/dev/null
    base64 -w0 <"$work/$user.der" >"$new/priv-$user.base64.txt"
    openssl pkey -inform DER -in "$work/$user.der" -pubout -outform DER |
      base64 -w0 >"$new/pub-$user.base64.txt"
    echo "$user $(<"$new/pub-$user.base64.txt")" >>"$new/dsakeys.txt"
    chown "$user:$user" "$new/priv-$user.base64.txt"
    chmod 400 "$new/priv-$user.base64.txt"
  done
}

make_web() {
  if [ -n "$web_server" ]; then
    make_certificate "$work" web "$web_server" "DNS:$web_server"
    set -- "$work/web.crt" "$work/web.key"
  else
    set -- "$WEB_CERTIFICATE/tls.crt" "$WEB_CERTIFICATE/tls.key"
  fi
  make_keystore "$new/keystore.webserver.p12" "$new/.webserver_passphrase" web_server "$1" "$2" \
    dbquery
  trust web_server "$1" >>"$new/truststore-iris.pem"
}

keygen() {
  local san new
  parse "$@"
  require_etcd_client
  [ -n "$web_server" ] || check_web_certificate ""
  dh_python etcd_admin check ||
    fail "etcd is not ready: run enable_dh_etcd_systemd.sh and admin_init.sh first"
  work=$(mktemp -d "$DH_CONF/.keygen.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  new=$work/auth
  install -d -m 755 -o irisadmin -g irisadmin "$new"
  san=$(printf ',DNS:%s' "${config_servers[@]}")
  make_certificate "$work" config "${config_servers[0]}" "${san#,}"
  make_certificate "$work" authserver authserver DNS:authserver
  make_keystore "$new/keystore.configuration_server.p12" "$new/.configuration_server_passphrase" \
    configuration_server "$work/config.crt" "$work/config.key" irisadmin
  make_keystore "$new/keystore.authserver.p12" "$new/.auth_passphrase" authserver \
    "$work/authserver.crt" "$work/authserver.key" irisadmin
  {
    trust configuration_server "$work/config.crt"
    trust authserver "$work/authserver.crt"
  } \
    >"$new/truststore-iris.pem"
  make_web
  make_users
  [ ! -e "$DH_AUTH/.dbacl_passphrase" ] || cp -a "$DH_AUTH/.dbacl_passphrase" "$new/"
  [ ! -e "$DH_AUTH/truststore-iris.pem" ] || mv "$DH_AUTH" "$DH_AUTH.$(date +%Y%m%d-%H%M%S.%N)"
  rm -rf "$DH_AUTH"
  mv "$new" "$DH_AUTH"
  echo "keys, keystores and truststore created in $DH_AUTH"
}
run_logged --sensitive keygen "$@"
