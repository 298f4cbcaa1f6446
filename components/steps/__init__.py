"""Steps: what runs on a host or travels between hosts, and how it is registered with Pulumi."""
