#!/bin/bash
# Installs the example data set LearnDeephaven, here a few small files.
# Needs: root, /db/Systems writable. Leaves: /db/Systems/LearnDeephaven. Second run: keeps the
# existing data.
# shellcheck source=../lib/common.sh
. /usr/illumon/latest/lib/common.sh

learn() {
  [ $# = 0 ] || fail "takes no arguments"
  local root=/db/Systems/LearnDeephaven date table
  [ ! -d "$root" ] || {
    echo "LearnDeephaven is already installed in $root"
    return
  }
  rm -rf "$root.new"
  for date in 2017-08-{21..25} 2017-11-01; do
    for table in EODTrades StockQuotes StockTrades; do
      mkdir -p "$root.new/Partitions/1/$date/$table" || fail "/db/Systems is not writable"
      echo "Date=$date" >"$root.new/Partitions/1/$date/$table/table.size"
    done
  done
  chown -R dbmerge:dbmerge "$root.new"
  mv "$root.new" "$root"
  echo "LearnDeephaven installed in $root"
}
run_logged learn "$@"
