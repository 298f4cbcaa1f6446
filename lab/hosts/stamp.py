"""Stamps: what was built is built again only when its sources have changed."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


class Stamp:
    """A file beside the built thing, with a digest of what it was built from."""

    def __init__(self, built: Path, sources: Iterable[Path]) -> None:
        self._built = built
        self._file = built.with_name(f"{built.name}.stamp")
        self._digest = _digest(sources)

    def complete(self) -> bool:
        """Say whether the thing is there and was built to its end, from whichever sources."""
        return self._built.exists() and self._file.exists()

    def fits(self) -> bool:
        """Say whether the thing is there, built from these very sources."""
        return self.complete() and self._file.read_text() == self._digest

    def write(self) -> None:
        """Note that the thing is complete."""
        self._file.write_text(self._digest)

    def remove(self) -> None:
        """Note that the thing is not complete any more."""
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
    """Return a source's files; what Python keeps beside them is no source."""
    found = source.rglob("*") if source.is_dir() else iter([source])
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]
