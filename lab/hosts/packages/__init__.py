"""Repackages Debian's binaries as RPMs in CentOS 7's layout, for the packages that the guide installs by yum.

Each folder next to this file is a package: debs.txt lists its Debian packages, drop.txt the paths that are left out,
files/ holds files that are added or replaced, and package.spec is the spec file.
"""

import os
import re
import shutil
import tempfile
from pathlib import Path

from lab.hosts import repository
from lab.hosts.errors import LabError
from lab.hosts.process import run
from lab.hosts.rpm import build_rpms

SOURCES = sorted(path.parent for path in Path(__file__).parent.glob("*/package.spec"))
_DROP_ALWAYS = ("usr/share/bug", "usr/share/doc", "usr/share/info", "usr/share/lintian", "usr/share/man", "lib/systemd")
_MERGED = ("bin", "lib", "sbin")


def debs() -> list[str]:
    """Return all Debian packages that the RPMs are built from."""
    return sorted({name for source in SOURCES for name in _items(source / "debs.txt")})


def repackage(source: Path, fetched: Path, destination: Path) -> None:
    """Build one RPM from downloaded .deb files and add it to the repository directory."""
    archives = [_archive(fetched, name) for name in _items(source / "debs.txt")]
    with tempfile.TemporaryDirectory(dir=destination.parent) as name:
        work = Path(name)
        tree = work / "tree"
        _unpack(archives, tree)
        _drop(tree, [*_DROP_ALWAYS, *_items(source / "drop.txt")])
        _merge_usr(tree)
        _add_files(source / "files", tree)
        file_list = work / "files"
        file_list.write_text("".join(f"{line}\n" for line in listed(tree)))
        version = rpm_version(run("dpkg-deb", "-f", archives[0], "Version"))
        defines = {"tree": str(tree), "file_list": str(file_list), "debian_version": version}
        repository.add(*build_rpms(source / "package.spec", work, **defines))


def rpm_version(debian: str) -> str:
    """Return the upstream part of a Debian version, in characters that RPM allows."""
    upstream = re.split(r"[-+~]", debian.strip().split(":", 1)[-1])[0]
    return re.sub(r"[^A-Za-z0-9.]", ".", upstream)


def listed(tree: Path) -> list[str]:
    """Return the lines of %files for all files and links of a tree; those in /etc are configuration."""
    lines = []
    for folder, directories, files in os.walk(tree):
        links = [name for name in directories if Path(folder, name).is_symlink()]
        for name in [*files, *links]:
            path = f"/{Path(folder, name).relative_to(tree)}"
            lines.append(f'%config(noreplace) "{path}"' if path.startswith("/etc/") else f'"{path}"')
    return sorted(lines)


def _items(file: Path) -> list[str]:
    return file.read_text().split()


def _archive(fetched: Path, name: str) -> Path:
    archives = sorted(fetched.glob(f"{name}_*.deb"))
    if not archives:
        raise LabError(f"{fetched}: no .deb of {name}; remove base.stamp next to it and build again")
    return archives[0]


def _unpack(archives: list[Path], tree: Path) -> None:
    for archive in archives:
        run("dpkg-deb", "-x", archive, tree)


def _drop(tree: Path, names: list[str]) -> None:
    for name in names:
        path = tree / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _merge_usr(tree: Path) -> None:
    for name in _MERGED:
        if (tree / name).is_dir():
            shutil.copytree(tree / name, tree / "usr" / name, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(tree / name)


def _add_files(files: Path, tree: Path) -> None:
    """Copy text files with a fixed mode, because the modes of a checkout depend on the user's umask."""
    for file in (path for path in files.rglob("*") if path.is_file()):
        target = tree / file.relative_to(files)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        target.chmod(0o644)
