"""Monit roles: the ACL database, services, their start order, verification, the cluster record."""
