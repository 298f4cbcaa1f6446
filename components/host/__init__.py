"""Hosts: connections, the Step, packages and the product's RPM."""
