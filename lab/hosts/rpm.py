"""Builds RPMs from a spec file and a tree."""

import tempfile
from pathlib import Path

from lab.hosts.process import run

_QUIET = {
    "debug_package": "%{nil}",
    "__os_install_post": "%{nil}",
    "_build_id_links": "none",
    "_binary_payload": "w3.zstdio",
    "_build_name_fmt": "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
    "dist": ".el7",
}


def build_rpms(spec: Path, work: Path, **defines: str) -> list[Path]:
    """Run rpmbuild and return the RPMs that it built below the work directory."""
    with tempfile.TemporaryDirectory() as database:  # leave this machine's own RPM database alone
        macros = {**_QUIET, "_topdir": str(work), "_dbpath": database, **defines}
        arguments = [argument for name, value in macros.items() for argument in ("--define", f"{name} {value}")]
        run("rpmbuild", "-bb", "--quiet", "--nodeps", "--target", "x86_64-linux", *arguments, spec)
    return sorted((work / "RPMS").rglob("*.rpm"))
