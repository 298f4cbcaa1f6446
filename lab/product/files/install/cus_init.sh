#!/bin/bash
# Configures the client update service, which lighttpd serves.
# Needs: root, lighttpd, keys; with --secure a provided certificate for the address. Leaves:
# lighttpd's configuration for the service. Second run: writes it again from its arguments.
# shellcheck source=../lib/common.sh
. /usr/illumon/latest/lib/common.sh
# shellcheck source=../lib/certificates.sh
. "$DH_LATEST/lib/certificates.sh"

environment='' address='' mode=''
parse() {
  while [ $# -gt 0 ]; do
    case $1 in
      --environment)
        environment=${2:-}
        shift
        shift || true
        ;;
      --cus-address)
        address=${2:-}
        shift
        shift || true
        ;;
      --secure | --insecure)
        [ -z "$mode" ] ||
          fail "--secure and --insecure exclude each other"
        mode=${1#--}
        shift
        ;;
      *) fail "unknown argument $1" ;;
    esac
  done
  [ "$environment" = centos ] || fail "--environment: only centos is supported, not '$environment'"
  [[ $address == *.* ]] || fail "--cus-address needs the FQDN of the client update service"
  [ -n "$mode" ] || fail "use --secure or --insecure"
}

secure_part() {
  (
    umask 077
    cat "$WEB_CERTIFICATE/tls.key" "$WEB_CERTIFICATE/tls.crt" >"$site/tls.pem"
  )
  cat <<CONF
server.modules += ( "mod_openssl" )
ssl.engine = "enable"
ssl.pemfile = "$site/tls.pem"
CONF
}

configure() {
  parse "$@"
  local site=$DH_CONF/client_update_service
  command -v lighttpd >/dev/null || fail "lighttpd is not installed on this host"
  require_keys
  [ "$mode" != secure ] || check_web_certificate "$address"
  install -d "$site" /var/www/lighttpd/iris/iris /var/www/lighttpd/backups
  echo "$address" >"$site/address"
  {
    cat <<CONF
server.document-root = "/var/www/lighttpd/iris"
server.port = $CUS_PORT
server.username = "lighttpd"
server.groupname = "lighttpd"
server.errorlog = "/var/log/deephaven/$CUS_LOG/lighttpd.log"
server.modules = ( "mod_access", "mod_alias" )
index-file.names = ( "index.html" )
CONF
    [ "$mode" != secure ] || secure_part
  } >"$site/lighttpd.conf.new"
  lighttpd -tt -f "$site/lighttpd.conf.new" || fail "lighttpd rejects $site/lighttpd.conf.new"
  mv "$site/lighttpd.conf.new" "$site/lighttpd.conf"
  echo "client update service configured in $site, $mode"
}
run_logged configure "$@"
