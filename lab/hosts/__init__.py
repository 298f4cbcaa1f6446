"""Disposable lab hosts on one machine: real systemd, sshd, sudo and yum, reachable only for the lab's operator."""

from lab.hosts.errors import LabError
from lab.hosts.images import Image
from lab.hosts.lab import HostStatus, Lab

__all__ = ["HostStatus", "Image", "Lab", "LabError"]
