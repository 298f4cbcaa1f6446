"""Helpers of the tests: labs, stacks on them, edits of stack files, access to etcd, certificates."""
