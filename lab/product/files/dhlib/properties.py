"""Moves property files and the data routing between disk and etcd."""

import sys
from pathlib import Path

from . import settings, vocabulary
from .etcd import CLIENT, Etcd, EtcdError


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


def save(etcd: Etcd, name: str, directory: str) -> None:
    """Write a property file of etcd into a directory."""
    found = etcd.prefix(settings.PROPERTIES + name)
    if settings.PROPERTIES + name not in found:
        raise EtcdError(f"there is no property file {name}")
    (Path(directory) / name).write_text(found[settings.PROPERTIES + name].value)
    print(f"{directory}/{name} exported")


def main(verb: str, *rest: str) -> None:
    """Do one thing and tell what went wrong in one line."""
    try:
        etcd = Etcd()
        etcd.enter()
        if verb == "--import":
            load(etcd, list(rest))
        else:
            save(etcd, *rest)
    except (EtcdError, OSError) as problem:
        sys.exit(f"{CLIENT}: {problem}")


if __name__ == "__main__":
    main(*sys.argv[1:])
