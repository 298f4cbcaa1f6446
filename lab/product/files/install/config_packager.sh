#!/bin/bash
# Packages configuration for other nodes, and unpackages it on them.
# Needs: root; to unpackage, the archive at the path where it was created. Leaves: the archive, or
# the unpackaged files.
# Second run: packages or unpackages again.
# shellcheck source=../lib/common.sh
. /usr/illumon/latest/lib/common.sh
# shellcheck source=../lib/etcd.sh
. "$DH_LATEST/lib/etcd.sh"

open_archive() { # open_archive ARCHIVE: sets unpacked
  require_file "$1" "copy it from the node where it was created to the same path"
  unpacked=$(mktemp -d "$DH_CONF/.unpack.XXXXXX")
  trap 'rm -rf "$unpacked"' EXIT
  tar -C "$unpacked" -xzf "$1" || fail "$1 is not a complete archive"
}

unpackage_server() {
  local address
  [[ ${1:-} =~ ^[1-9][0-9]*$ ]] ||
    fail "unpackage-server needs the ordinal of the etcd server, counted from 1"
  open_archive "$ETCD_ARCHIVE"
  address=$(sed -n "$1p" "$unpacked/members")
  [ -n "$address" ] ||
    fail "there is no etcd server $1: the archive has $(wc -l <"$unpacked/members")"
  is_local "$address" || fail "etcd server $1 is $address, which is not an address of this host"
  apply_server "$unpacked" "$1"
  apply_client "$unpacked"
}

auth_package() {
  require_file "$DH_AUTH/keystore.configuration_server.p12" \
    "run this on the node where iris_keygen.sh was run"
  install -d "$(dirname "$AUTH_ARCHIVE")"
  (
    umask 077
    cd "$DH_CONF" && tar -czf "$AUTH_ARCHIVE.new" auth dh-config &&
      mv "$AUTH_ARCHIVE.new" "$AUTH_ARCHIVE"
  ) || fail "tar could not write $AUTH_ARCHIVE"
  echo "archive: $AUTH_ARCHIVE"
}

auth_unpackage() {
  open_archive "$AUTH_ARCHIVE"
  require_file "$unpacked/auth/truststore-iris.pem" "$AUTH_ARCHIVE contains no keys"
  cp -a "$unpacked/auth" "$unpacked/dh-config" "$DH_CONF/"
  echo "keys and client configuration unpacked into $DH_CONF"
}

packager() {
  case "$*" in
    "etcd unpackage-server"*) unpackage_server "${@:3}" ;;
    "etcd unpackage-client")
      open_archive "$ETCD_ARCHIVE"
      apply_client "$unpacked"
      ;;
    "auth package") auth_package ;;
    "auth unpackage") auth_unpackage ;;
    *)
      fail \
        "usage: etcd unpackage-server ORDINAL | etcd unpackage-client | auth package | auth unpackage"
      ;;
  esac
}
run_logged --sensitive packager "$@"
