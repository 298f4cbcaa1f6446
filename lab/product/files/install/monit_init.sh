#!/bin/bash
# Puts the services of a role under monit's control.
# Needs: root, monit, keys. Leaves: /etc/sysconfig/illumon.d/monit/<service>.conf, which monit reads
# at its next reload.
# Second run: writes the role's files again; files of other roles are kept.
# shellcheck source=../lib/common.sh
. /usr/illumon/latest/lib/common.sh

init() {
  [[ ${1:-} == --role && $# == 2 ]] || fail "usage: --role <role>"
  if ! command -v monit >/dev/null || [ ! -d /etc/monit.d ]; then
    fail "monit is not installed on this host"
  fi
  require_keys
  dh_python monit "$2" || fail "role $2 was not set up"
  install -m 600 <(echo 'include /etc/sysconfig/illumon.d/monit/*.conf') /etc/monit.d/deephaven.conf
  monit -t >/dev/null || fail "monit rejects its configuration: run monit -t"
}
run_logged init "$@"
