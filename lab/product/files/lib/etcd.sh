#!/bin/bash
# Functions of the scripts that configure an etcd member or client: install the generated files.
# Needs: common.sh, sourced before. Leaves: /etc/etcd/dh/<token>, its link latest, the client
# configuration.
# Second run: the same files; a running etcd is not affected.

apply_server() { # apply_server SOURCE ORDINAL [config-only]
  local source=$1 ordinal=$2 token dir
  if ! { getent passwd etcd && command -v etcd; } >/dev/null; then
    fail "etcd is not installed on this etcd node"
  fi
  token=$(<"$source/token")
  dir=$ETCD_HOME/$token
  install -d -m 755 "$ETCD_HOME"
  install -d -m 750 -g etcd "$dir"
  if [ "${3:-}" != config-only ]; then
    install -d -m 750 -g etcd "$dir/ssl"
    install -m 640 -g etcd "$source/server/$ordinal"/ssl/* "$dir/ssl/"
  fi
  install -m 640 -g etcd "$source/server/$ordinal/config.yaml" "$dir/config.yaml"
  ln -sfn "$token" "$ETCD_HOME/latest"
  install -d -m 700 -o etcd -g etcd /var/lib/etcd/dh
  echo "etcd member $ordinal configured in $dir"
}

apply_client() { # apply_client SOURCE
  install -d -m 750 -o irisadmin -g irisadmin "$DH_CONF/etcd/client" "$ETCD_CLIENT"
  install -m 400 -o irisadmin -g irisadmin "$1"/client/root/* "$ETCD_CLIENT/"
  echo "etcd client configured in $ETCD_CLIENT"
}

# Set by config_generator.sh before it writes a configuration.
servers=() max_procs='' token=''

# member_config ORDINAL: print the configuration of a member of $servers in the cluster $token
member_config() {
  local address=${servers[$1 - 1]} ssl=$ETCD_HOME/latest/ssl n cluster=''
  for n in $(seq ${#servers[@]}); do cluster+=,etcd-$n=https://${servers[n - 1]}:2380; done
  cat <<YAML
# max-procs: $max_procs
name: etcd-$1
data-dir: /var/lib/etcd/dh/$token
listen-client-urls: https://$address:2379
advertise-client-urls: https://$address:2379
listen-peer-urls: https://$address:2380
initial-advertise-peer-urls: https://$address:2380
initial-cluster: ${cluster#,}
initial-cluster-token: "$token"
initial-cluster-state: new
enable-grpc-gateway: true
client-transport-security: {cert-file: $ssl/server.crt, key-file: $ssl/server.key,
  trusted-ca-file: $ssl/ca.crt, client-cert-auth: true}
peer-transport-security: {cert-file: $ssl/peer.crt, key-file: $ssl/peer.key,
  trusted-ca-file: $ssl/ca.crt, client-cert-auth: true}
YAML
}
