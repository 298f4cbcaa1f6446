# Copies the MySQL connector's jar to where Deephaven loads it from (guide, step 14).
# Needs: connector (the possible paths of the jar), java_lib.
# Leaves: the jar in java_lib, readable by all.
# Second run: changes nothing while the jar is the same.
require_vars connector java_lib

for jar in "${connector[@]}"; do
  [ -e "$jar" ] || continue
  if install_file "$java_lib/${jar##*/}" 0644 root:root cat "$jar"; then
    changed "${jar##*/} copied to $java_lib"
  fi
  track_file "$java_lib/${jar##*/}"
  return 0
done
fail "the connector's jar is missing: ${connector[*]}" \
  'install the connector package on this host, then run pulumi up again'
