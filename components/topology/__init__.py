"""The cluster as values: hosts, members, and the cluster manifest. Pure: no Pulumi, no connections."""
