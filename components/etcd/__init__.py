"""The etcd cluster: member configuration, start, health, initialization."""
