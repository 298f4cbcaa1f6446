"""What tests share: labs, stacks on them, edits of stack files, looks at etcd, certificates."""
