# Reads what the steps left on this host, for read-facts.sh: the product, receipts, services; no
# secret is read.
# Needs: package, packages, units, etcd_root, upload, and say and limited of read-facts.sh.
# Leaves: nothing. Second run: the same.

state=/var/lib/deephaven-install

# receipts: print each step's receipt, and the current digest of every tracked file; a missing file
# has no line.
receipts() {
  local file line tracked
  for file in "$state"/receipts/*.json; do
    [ -e "$file" ] || continue
    IFS= read -r line <"$file"
    file=${file##*/}
    say receipt "${file%.json}" "${line//$'\t'/ }"
  done
  mapfile -t tracked < <(
    grep -oh '"/[^"]*": "[0-9a-f]\{64\}"' "$state"/receipts/*.json 2>/dev/null |
      cut -d'"' -f2 | sort -u
  )
  [ "${#tracked[@]}" = 0 ] || limited sha256sum -- "${tracked[@]}" 2>/dev/null |
    sed 's/^\([0-9a-f]*\) [ *]/file\t\1\t/'
  say upload "$(stat -c %u:%a "$upload" 2>/dev/null)" "${SUDO_UID:-0}:700"
  for file in "$state"/attempts/*; do
    [ ! -e "$file" ] || say attempt "${file##*/}"
  done
  if [ -e "$state/cluster.json" ]; then
    IFS= read -r line <"$state/cluster.json"
    say manifest "${line//$'\t'/ }"
  fi
}

services() {
  local name answers
  # one query for all: rpm prints a line for each package that nothing provides, and nothing if the
  # query itself fails
  answers=$(rpm -q --whatprovides "${packages[@]}" 2>/dev/null)
  for name in "${packages[@]}"; do
    case $'\n'$answers$'\n' in
      $'\n\n') break ;;
      *$'\n'"no package provides $name"$'\n'*) say package "$name" '' ;;
      *) say package "$name" installed ;;
    esac
  done
  find "$etcd_root" -maxdepth 3 -type d -name member -printf 'etcd_data\t%p\n' 2>/dev/null
  say product "$(rpm -q --qf '%{VERSION}-%{RELEASE}' "$package" 2>/dev/null |
    grep -v ' is not installed')"
  limited monit -B summary 2>/dev/null | sed -n 's/^ \+/monit\t/p'
  limited systemctl show -p UnitFileState -p ActiveState "${units[@]}" |
    awk -v RS= -v units="${units[*]}" '
    BEGIN { split(units, unit, " ") }
    { enabled = active = ""
      for (i = 1; i <= NF; i++) {
        split($i, part, "=")
        if (part[1] == "ActiveState") active = part[2]; else enabled = part[2]
      }
      print "unit\t" unit[NR] "\t" enabled "\t" active }'
}
