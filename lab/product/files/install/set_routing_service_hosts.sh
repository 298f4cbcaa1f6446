#!/bin/bash
# Writes the data import server and the table appender to this node's data routing.
# Needs: root, two FQDNs that resolve. Leaves: resources/routing_service.yml. Second run: writes
# both hosts again.
# shellcheck source=../lib/common.sh
. /usr/illumon/latest/lib/common.sh

set_hosts() {
  [ $# = 2 ] || fail "usage: <FQDN of Data Import Server host> <FQDN of Remote Table Appender host>"
  local name file=/etc/sysconfig/illumon.d/resources/routing_service.yml
  for name in "$@"; do
    [[ $name == *.* ]] || fail "$name is not an FQDN"
    getent hosts "$name" >/dev/null || fail "$name does not resolve"
  done
  [ -e "$file" ] || cp "$DH_LATEST/etc/routing_service.yml" "$file"
  sed -i -e "s/^\( *- &dis-host \).*/\1$1/" -e "s/^\( *- &rta-host \).*/\1$2/" "$file"
  echo "routing file: $(readlink -f "$file")"
}
run_logged set_hosts "$@"
