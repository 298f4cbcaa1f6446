"""What a host has on disk: layers over the base, of which the topmost takes its writes."""

import os
import shutil
import uuid
from pathlib import Path

from lab.hosts.errors import LabError
from lab.hosts.keys import HOST_KEY_TYPES, Keys, public
from lab.hosts.names import USER, HostName, hosts_file
from lab.hosts.paths import BASE, OPENSUSE, dress_layer

DRESS = "dress"
"""The file in a host's directory that says what it is dressed as; without it, it is as the base."""


class Disk:
    """The directories of one host; `layers` lists the snapshots under it, the newest first."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.upper = directory / "upper"
        self.work = directory / "work"
        self.root = directory / "root"
        self._layers = directory / "layers"
        self._dress = directory / DRESS

    def exists(self) -> bool:
        """Say whether the host was created."""
        return self._layers.exists()

    def layers(self) -> list[Path]:
        """Return the snapshots' directories under the upper one, the newest first."""
        return [Path(line) for line in self._layers.read_text().splitlines()]

    def base(self) -> list[Path]:
        """Return what lies below all snapshots, the uppermost first."""
        return [*([dress_layer(self.dress())] if self.dress() else []), BASE]

    def dress(self) -> str:
        """Return what the host is dressed as; nothing is the base's CentOS."""
        return self._dress.read_text() if self._dress.exists() else ""

    def put_on(self, dress: str) -> None:
        """Dress a host that was not created yet; another one must have been dressed so."""
        if dress != OPENSUSE:
            raise LabError(f"{self.directory.name}: cannot be dressed as {dress}; known: {OPENSUSE}")
        if self.exists() and self.dress() != dress:
            raise LabError(f"{self.directory.name}: exists already, not dressed as {dress}; take the lab down first")
        self.directory.mkdir(parents=True, exist_ok=True)
        self._dress.write_text(dress)

    def reset(self, layers: list[Path]) -> None:
        """Begin with nothing written yet over these layers."""
        self._layers.unlink(missing_ok=True)
        for directory in (self.upper, self.work):
            shutil.rmtree(directory, ignore_errors=True)
        for directory in (self.upper, self.work, self.root):
            directory.mkdir(parents=True, exist_ok=True)
            directory.chmod(0o755)
        self._layers.write_text("".join(f"{layer}\n" for layer in layers))

    def create(self, host: HostName, keys: Keys) -> None:
        """Make the disk of a host that has never run, with its identity and keys."""
        self.reset([])
        self._layers.unlink()  # until all is written, it does not count as created
        # Without a machine-id systemd would take the start for the first one and enable every unit.
        self._put("etc/machine-id", f"{uuid.uuid4().hex}\n", 0o444)
        self._put("etc/hostname", f"{host.fqdn}\n")
        self._put("etc/hosts", hosts_file())
        for kind in HOST_KEY_TYPES:
            key = keys.host_key(host, kind)
            self._put(f"etc/ssh/ssh_host_{kind}_key", key.read_text(), 0o600)
            self._put(f"etc/ssh/ssh_host_{kind}_key.pub", public(key).read_text())
        self._put(f"home/{USER}/.ssh/authorized_keys", keys.authorized_keys(), 0o600)
        self._layers.write_text("")

    def _put(self, name: str, text: str, mode: int = 0o644) -> None:
        path = self.upper / name
        for parent in reversed(path.relative_to(self.upper).parents[:-1]):
            _copy_directory(BASE / parent, self.upper / parent)
        path.write_text(text)
        path.chmod(mode)
        owner = (BASE / name).parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _copy_directory(model: Path, made: Path) -> None:
    """Make a directory like the base's: in an overlay the upper one's owner and mode hold."""
    if not made.exists():
        made.mkdir()
        shutil.copystat(model, made)
        os.chown(made, model.stat().st_uid, model.stat().st_gid)
