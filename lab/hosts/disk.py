"""A host's disk: layers over the base, of which the topmost takes the writes."""

import os
import shutil
import uuid
from pathlib import Path

from lab.hosts.errors import LabError
from lab.hosts.keys import HOST_KEY_TYPES, Keys, public
from lab.hosts.names import USER, HostName, hosts_file
from lab.hosts.paths import BASE, OPENSUSE, os_image_layer

OS_IMAGE = "os_image"
"""The file in a host's directory that names its OS image; without it the host uses the base."""


class Disk:
    """The directories of one host; the file `layers` lists the snapshots below `upper`, the newest first."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.upper = directory / "upper"
        self.work = directory / "work"
        self.root = directory / "root"
        self._layers = directory / "layers"
        self._os_image = directory / OS_IMAGE

    def exists(self) -> bool:
        """Return whether the host was created."""
        return self._layers.exists()

    def layers(self) -> list[Path]:
        """Return the snapshots' directories below the upper one, the newest first."""
        return [Path(line) for line in self._layers.read_text().splitlines()]

    def base(self) -> list[Path]:
        """Return the layers below all snapshots, the uppermost first."""
        return [*([os_image_layer(self.os_image())] if self.os_image() else []), BASE]

    def os_image(self) -> str:
        """Return the name of the host's OS image; an empty name is the base, CentOS."""
        return self._os_image.read_text() if self._os_image.exists() else ""

    def set_os_image(self, os_image: str) -> None:
        """Set the OS image of a host that is not created yet; the image of an existing host cannot change."""
        host = self.directory.name
        if os_image != OPENSUSE:
            raise LabError(f"{host}: unknown OS image {os_image}; use {OPENSUSE}, or none for CentOS")
        if self.exists() and self.os_image() != os_image:
            raise LabError(f"{host}: already exists with another OS image than {os_image}; take the lab down first")
        self.directory.mkdir(parents=True, exist_ok=True)
        self._os_image.write_text(os_image)

    def reset(self, layers: list[Path]) -> None:
        """Start with an empty upper directory over these layers."""
        self._layers.unlink(missing_ok=True)
        for directory in (self.upper, self.work):
            shutil.rmtree(directory, ignore_errors=True)
        for directory in (self.upper, self.work, self.root):
            directory.mkdir(parents=True, exist_ok=True)
            directory.chmod(0o755)
        self._layers.write_text("".join(f"{layer}\n" for layer in layers))

    def create(self, host: HostName, keys: Keys) -> None:
        """Create the disk of a host that has never run, with its identity and keys."""
        self.reset([])
        self._layers.unlink()  # the host counts as created once everything is written
        # Without a machine-id systemd would treat the start as the first boot and enable every unit.
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


def _copy_directory(source: Path, target: Path) -> None:
    """Create a directory with the base's owner and mode, because in an overlay those of the upper directory count."""
    if not target.exists():
        target.mkdir()
        shutil.copystat(source, target)
        os.chown(target, source.stat().st_uid, source.stat().st_gid)
