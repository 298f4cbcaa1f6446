"""How the operator logs in to hosts."""

from pathlib import Path

from lab.hosts.names import USER, HostName


def ssh_command(host: HostName, known_hosts: Path, *options: str) -> list[str]:
    """Return the ssh command up to the remote words; the user's own ssh configuration has no part in it."""
    settings = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": f'"{known_hosts}"',
        "GlobalKnownHostsFile": "/dev/null",
        "ConnectTimeout": "5",
        "LogLevel": "ERROR",
    }
    words = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
    return ["ssh", "-F", "/dev/null", *options, *words, f"{USER}@{host.fqdn}"]
