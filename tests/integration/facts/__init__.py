"""What is read of several hosts, and what comes of hosts that do not answer."""
