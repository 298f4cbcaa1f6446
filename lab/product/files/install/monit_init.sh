#!/bin/bash
# monit_init.sh hands the services of a role over to monit.
# Needs: root, monit, keys. Leaves: /etc/sysconfig/illumon.d/monit/<service>.conf, included by monit at its next reload.
# Second run: writes the role's files again; files of other roles stay.
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
  monit -t >/dev/null || fail "monit does not take its configuration: see monit -t"
}
run_logged init "$@"
