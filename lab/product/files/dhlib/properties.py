"""Moves property files and the data routing between disk and etcd."""

import sys
from pathlib import Path

from . import settings, vocabulary
from .etcd import Etcd, EtcdError


def key_of(path: Path) -> str:
    """Give a file's key in etcd."""
    if path.suffix == ".prop":
        return settings.PROPERTIES + path.name
    if path.name == Path(settings.ROUTING).name:
        return settings.ROUTING
    raise EtcdError(f"{path} is neither a property file nor the data routing")


def load(etcd: Etcd, files: list[str]) -> None:
    """Put files into etcd."""
    for path in map(Path, files):
        key = key_of(path)
        text = path.read_text().replace("@BUILD@", vocabulary.BUILD)
        print(f"{path.name} imported at revision {etcd.put(key, text)}")


def save(name: str, directory: str) -> None:
    """Write a property file into a directory; the configuration server has it for users who may not read etcd."""
    (Path(directory) / name).write_text(settings.file_from_server(name))
    print(f"{directory}/{name} exported")


def put(files: list[str]) -> None:
    """Put files into etcd as its administrator."""
    etcd = Etcd()
    etcd.enter()
    load(etcd, files)


def main(verb: str, *rest: str) -> None:
    """Do one thing and tell what went wrong in one line."""
    try:
        if verb == "--import":
            put(list(rest))
        else:
            save(*rest)
    except (EtcdError, settings.DependencyDownError, OSError) as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main(*sys.argv[1:])
