#!/bin/bash
# Creates the configuration tree of a newly installed build and moves the links to it.
# Needs: root, the build's number. Leaves: illumon.d.<build> with the local files of the previous
# build, and the links latest, illumon.d and illumon.confs. Second run: keeps every existing file.
set -euo pipefail
build=$1
conf=/etc/sysconfig/deephaven
tree=$conf/illumon.d.$build
release=/usr/illumon/$build
before=$(readlink -f /etc/sysconfig/illumon.d || true)

mkdir -p "$tree" "$conf/illumon.confs.$build"
for dir in java_lib override hotfixes resources schema; do
  [ ! -d "$tree/$dir" ] || continue
  if [ -d "$before/$dir" ] && [ "$before" != "$tree" ]; then
    cp -a "$before/$dir" "$tree/$dir"
  else
    install -d -o irisadmin -g irisadmin "$tree/$dir"
  fi
done
for file in iris-common.prop iris-environment.prop routing_service.yml; do
  [ -e "$tree/resources/$file" ] || install -m 644 "$release/etc/$file" "$tree/resources/$file"
done
# Directories that all builds share are next to the trees.
for shared in auth dh-config etcd monit client_update_service; do
  mkdir -p "$conf/$shared"
  ln -sfn "../$shared" "$tree/$shared"
done
hostconfig=$conf/illumon.confs.$build/illumon.iris.hostconfig
[ -e "$hostconfig" ] || cp -a "/etc/sysconfig/illumon.confs/$(basename "$hostconfig")" \
  "$hostconfig" 2>/dev/null || echo "# Settings of this host's processes." >"$hostconfig"
ln -sfn "$tree" /etc/sysconfig/illumon.d
ln -sfn "$conf/illumon.confs.$build" /etc/sysconfig/illumon.confs
ln -sfn "$release" /usr/illumon/latest
