"""Stamps: a target is built again only when its sources have changed."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


class Stamp:
    """A file next to a build target that holds the digest of the target's sources."""

    def __init__(self, built: Path, sources: Iterable[Path]) -> None:
        self._built = built
        self._file = built.with_name(f"{built.name}.stamp")
        self._digest = _digest(sources)

    def complete(self) -> bool:
        """Return whether the target was built completely, from any sources."""
        return self._built.exists() and self._file.exists()

    def fits(self) -> bool:
        """Return whether the target was built completely from these sources."""
        return self.complete() and self._file.read_text() == self._digest

    def write(self) -> None:
        """Record that the target is complete."""
        self._file.write_text(self._digest)

    def remove(self) -> None:
        """Record that the target is no longer complete."""
        self._file.unlink(missing_ok=True)


def _digest(sources: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for source in sorted(sources):
        for file in sorted(_files(source)):
            executable = bool(file.stat().st_mode & 0o100)
            digest.update(f"{file.relative_to(source.parent)} {executable} {file.stat().st_size}\n".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _files(source: Path) -> list[Path]:
    """Return a source's files without Python's byte code."""
    paths = source.rglob("*") if source.is_dir() else iter([source])
    return [path for path in paths if path.is_file() and "__pycache__" not in path.parts]
