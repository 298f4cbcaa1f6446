#!/bin/bash
# Generates the keys and the configuration of the etcd cluster and of its clients.
# Needs: root, Java 8; on an etcd node, etcd. Leaves: the archive, the client configuration, and on
# an etcd node /etc/etcd/dh/<token> with the link latest. Second run: another token and hex
# directory; with the same servers the certificates stay in the previous directory, so that latest
# contains only the configuration.
# shellcheck source=../../lib/common.sh
. /usr/illumon/latest/lib/common.sh
# shellcheck source=../../lib/certificates.sh
. "$DH_LATEST/lib/certificates.sh"
# shellcheck source=../../lib/etcd.sh
. "$DH_LATEST/lib/etcd.sh"

parse() {
  local self_signed=''
  while [ $# -gt 0 ]; do
    case $1 in
      --servers)
        shift
        while [ $# -gt 0 ] && [[ $1 != --* ]]; do
          servers+=("$1")
          shift
        done
        ;;
      --max-procs)
        max_procs=${2:-}
        shift
        shift || true
        ;;
      --self-signed)
        self_signed=yes
        shift
        ;;
      *) fail "unknown argument $1" ;;
    esac
  done
  [ ${#servers[@]} -gt 0 ] || fail "--servers needs the IP address of each etcd server"
  local address
  for address in "${servers[@]}"; do
    [[ $address =~ ^([0-9]{1,3}\.){3}[0-9]{1,3}$ ]] ||
      fail "--servers: $address is not an IP address"
  done
  [ "$(printf '%s\n' "${servers[@]}" | sort -u | wc -l)" = ${#servers[@]} ] ||
    fail "--servers lists an address twice"
  [[ $max_procs =~ ^[1-9][0-9]*$ ]] || fail "--max-procs needs a positive number"
  [ -n "$self_signed" ] || fail "only --self-signed is supported"
}

make_keys() {
  local n address
  rm -rf "$ETCD_STAGE"
  install -d -m 700 "$ETCD_STAGE" "$ETCD_STAGE/ca" "$ETCD_STAGE/client/root"
  make_certificate "$ETCD_STAGE/ca" ca "etcd $token" "DNS:etcd-ca"
  for n in $(seq ${#servers[@]}); do
    address=${servers[n - 1]}
    install -d "$ETCD_STAGE/server/$n/ssl"
    make_certificate "$ETCD_STAGE/server/$n/ssl" server "etcd-$n" "IP:$address" "$ETCD_STAGE/ca"
    make_certificate "$ETCD_STAGE/server/$n/ssl" peer "etcd-$n" "IP:$address" "$ETCD_STAGE/ca"
    cp "$ETCD_STAGE/ca/ca.crt" "$ETCD_STAGE/server/$n/ssl/"
  done
  # Without a common name, because etcd would use it as a user name and its JSON gateway refuses
  # such clients.
  make_certificate "$ETCD_STAGE/client/root" client "" DNS:deephaven-client "$ETCD_STAGE/ca"
  (cd "$ETCD_STAGE/client/root" && mv client.crt cert && mv client.key key &&
    cp ../../ca/ca.crt cacert)
  echo -n root >"$ETCD_STAGE/client/root/user"
  (
    umask 077
    openssl rand -hex 20 | tr -d '\n' >"$ETCD_STAGE/client/root/password"
  )
  printf 'https://%s:2379\n' "${servers[@]}" | paste -sd, >"$ETCD_STAGE/client/root/endpoints"
  printf '%s\n' "${servers[@]}" >"$ETCD_STAGE/members"
}

generate() {
  local old n kept=''
  parse "$@"
  token=$(openssl rand -hex 5)
  old=$(readlink "$ETCD_HOME/latest" || true)
  if compgen -G "$ETCD_HOME/*/ssl/server.key" >/dev/null &&
    diff -q <(printf '%s\n' "${servers[@]}") "$ETCD_STAGE/members" &>/dev/null; then
    echo "certificates for these servers exist, keeping them"
    kept=config-only
  else
    make_keys
  fi
  for n in $(seq ${#servers[@]}); do member_config "$n" >"$ETCD_STAGE/server/$n/config.yaml"; done
  echo "$token" >"$ETCD_STAGE/token"
  for n in $(seq ${#servers[@]}); do
    ! is_local "${servers[n - 1]}" || apply_server "$ETCD_STAGE" "$n" $kept
  done
  [ -z "$kept" ] || rm -f "$ETCD_HOME/${old:-none}/config.yaml"
  apply_client "$ETCD_STAGE"
  install -d "$(dirname "$ETCD_ARCHIVE")"
  (
    umask 077
    tar -C "$ETCD_STAGE" -czf "$ETCD_ARCHIVE.new" token members server client &&
      mv "$ETCD_ARCHIVE.new" "$ETCD_ARCHIVE"
  )
  echo "archive: $ETCD_ARCHIVE"
}
run_logged --sensitive generate "$@"
