# Creates the cluster's keys, interprocess certificates and stores, once in its life (guide, step
# 13).
# Needs: command (iris_keygen.sh with its arguments), truststore, servers (etcd's server
# configurations); archive (what other hosts receive; it exists as soon as there are other hosts)
# and restore (the command that unpacks it).
# Leaves: the truststore, which is written after every other file.
# Second run: changes nothing while the truststore exists; missing keys are restored from the
# archive and never generated again. An interrupted run is repeated; if that has left two etcd
# clusters, the step fails with the guide's recipe before anything uses the wrong one.
require_vars command truststore servers archive restore

if drifted || { [ -e "$receipt" ] && [ ! -s "$truststore" ]; }; then
  locate_archive "$archive"
  [ -s "$archive" ] ||
    fail "$truststore is missing or was changed, and its archive $archive is missing" \
      "restore the previous file from a backup: new keys would not match the other hosts; if the change is intended, remove $receipt, then run pulumi up again"
  run_vendor "read the log; the archive is $archive" "${restore[@]}"
  track_file "$truststore"
  changed 'keys restored from their archive'
  return 0
fi
if [ -s "$truststore" ] && ! unfinished; then
  track_file "$truststore"
  return 0
fi
tokens() { find "$servers" -mindepth 1 -maxdepth 1 -type d 2>/dev/null | wc -l || true; }
before=$(tokens)
begin
run_vendor \
  'read the log, fix what it reports, then run pulumi up again: it repeats the interrupted generation' \
  "${command[@]}"
[ -s "$truststore" ] ||
  fail "iris_keygen.sh did not create $truststore" 'read the log, then run pulumi up again'
[ "$(tokens)" = "$before" ] ||
  fail "iris_keygen.sh created a second cluster key under $servers" \
    "consolidate them as in the guide's Troubleshooting, remove $attempt, then run pulumi up again"
finish
track_file "$truststore"
changed 'keys and interprocess certificates created'
