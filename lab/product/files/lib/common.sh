#!/bin/bash
# Functions of all install scripts: log file, status line, fault file and preconditions.
# Needs: the installed product. Leaves: a log under /var/log/deephaven/install_configuration for
# each call.
# Second run: described by each script that sources this file.
# shellcheck disable=SC2034 # the scripts use these variables
set -euo pipefail
umask 022
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
DH_LATEST=/usr/illumon/latest
DH_CONF=/etc/sysconfig/deephaven
DH_AUTH=$DH_CONF/auth
DH_CLIENT=$DH_CONF/dh-config/clients
ETCD_HOME=/etc/etcd/dh
ETCD_STAGE=$DH_CONF/etcd/generated
ETCD_CLIENT=$DH_CONF/etcd/client/root
WEB_CERTIFICATE=/etc/deephaven/cus-tls
SCRIPT=$(basename "$0")
# shellcheck source=/dev/null
. "$DH_LATEST/etc/vocabulary.env"

fail() {
  echo "$SCRIPT failed: $*"
  exit 1
}

dh_python() {
  PYTHONPATH=$DH_LATEST/lib python3 -B -m "dhlib.$1" "${@:2}"
}

require_file() {
  [ -e "$1" ] || fail "$1 is missing: $2"
}

require_java() {
  local version
  version=$(java -version 2>&1) || fail "no Java found: install a Java 8 JDK"
  grep -q 'version "1\.8\.' <<<"$version" ||
    fail "Java 8 is the only supported version, found: ${version%%$'\n'*}"
}

require_keys() {
  require_file "$DH_AUTH/truststore-iris.pem" \
    "no keys on this node, run iris_keygen.sh or unpackage them first"
}

require_etcd_client() {
  require_file "$ETCD_CLIENT/endpoints" \
    "no etcd client configuration on this node, run config_generator.sh or unpackage it first"
}

is_local() { # is_local ADDRESS-OR-NAME: true if it belongs to this host
  local address
  address=$(getent ahostsv4 "$1" | awk 'NR == 1 {print $1}')
  [ -n "$address" ] && hostname -I | tr ' ' '\n' | grep -qxF "$address"
}

# Counts down the script's first line in the fault file, and causes its fault; see the README.
take_fault() {
  [ -e /etc/illumon-faults ] || return 0
  local kind text
  read -r kind text < <(dh_python faults "$SCRIPT") || return 0
  case $kind in
    hang) exec sleep infinity ;;
    slow) sleep "$text" ;;
    long*) printf '%*s\n' 200000 '' | tr ' ' x ;;
    secret*) echo "$text" ;;
  esac
  case $kind in
    *status)
      echo "$SCRIPT: unexpected condition, giving up"
      exit 3
      ;;
    *word)
      printf 'checking\n%s: step failed\n' "$SCRIPT"
      exit 0
      ;;
  esac
}

# run_logged [--sensitive] FUNCTION [ARGUMENT..]: output to the terminal and to a log, status in the
# last line.
run_logged() {
  local log_mode=644 log rc
  [ "$1" != --sensitive ] || {
    log_mode=600
    shift
  }
  [ "$(id -u)" = 0 ] || fail "must be run as root, use sudo"
  take_fault
  log=/var/log/deephaven/install_configuration/$SCRIPT.log.$(date +%Y%m%d-%H%M%S.%N)
  install -m "$log_mode" -o irisadmin -g irisadmin /dev/null "$log"
  set +e
  (
    set -e
    require_java
    "$@"
  ) 2>&1 | tee -a "$log"
  rc=${PIPESTATUS[0]}
  set -e
  [ "$rc" = 0 ] || {
    echo "$SCRIPT: status failed ($rc), log: $log"
    exit "$rc"
  }
  echo "$SCRIPT: status completed"
}
