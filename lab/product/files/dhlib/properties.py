"""Moves property files and the data routing between disk and etcd."""

import sys
from pathlib import Path

from . import settings, vocabulary
from .etcd import Etcd, EtcdError


def key_of(path: Path) -> str:
    """Return a file's key in etcd."""
    if path.suffix == ".prop":
        return settings.PROPERTIES + path.name
    if path.name == Path(settings.ROUTING).name:
        return settings.ROUTING
    raise EtcdError(f"{path} is neither a property file nor the data routing")


def load(etcd: Etcd, files: list[str]) -> None:
    """Write files to etcd."""
    for path in map(Path, files):
        key = key_of(path)
        text = path.read_text().replace("@BUILD@", vocabulary.BUILD)
        print(f"{path.name} imported at revision {etcd.put(key, text)}")


def save(name: str, directory: str) -> None:
    """Write a property file to a directory; it comes from the configuration server, since users cannot read etcd."""
    (Path(directory) / name).write_text(settings.file_from_server(name))
    print(f"{directory}/{name} exported")


def put(files: list[str]) -> None:
    """Write files to etcd as its administrator."""
    etcd = Etcd()
    etcd.require_login()
    load(etcd, files)


def main(verb: str, *rest: str) -> None:
    """Run one verb; a failure is reported in one line."""
    try:
        if verb == "--import":
            put(list(rest))
        else:
            save(*rest)
    except (EtcdError, settings.DependencyDownError, OSError) as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main(*sys.argv[1:])
