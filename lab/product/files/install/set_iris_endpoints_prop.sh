#!/bin/bash
# Writes the hosts of each service to the endpoints file.
# Needs: root, a configuration server's node. Leaves: resources/iris-endpoints.prop, whose path it
# prints.
# Second run: writes the file again from its arguments.
# shellcheck source=../lib/common.sh
. /usr/illumon/latest/lib/common.sh

endpoints() {
  case " $* " in
    *" --help "* | *" -h "*) ;;
    *) require_file "$DH_CLIENT/single/host" \
      "run dh_config_server_init.sh first, on the configuration server" ;;
  esac
  dh_python endpoints "$@" || fail "the endpoints file was not written"
}
run_logged endpoints "$@"
