"""Disposable lab hosts on one machine: real systemd, sshd, sudo and yum, within reach of the operator alone."""

from lab.hosts.errors import LabError
from lab.hosts.lab import HostStatus, Lab

__all__ = ["HostStatus", "Lab", "LabError"]
