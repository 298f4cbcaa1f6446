"""Fills the base's RPM database with CentOS names for Debian's packages, so that yum finds its requirements."""

import shutil
import tempfile
from pathlib import Path

from lab.hosts.errors import LabError
from lab.hosts.packages import rpm_version
from lab.hosts.paths import HERE
from lab.hosts.process import run
from lab.hosts.rpm import build_rpms

_TABLE = HERE / "base/rpm-stubs.txt"
_ELFDEPS = "/usr/lib/rpm/elfdeps"
_PROVIDED = (
    *("/bin/sh", "/bin/bash", "/usr/bin/sh", "/usr/bin/bash", "/usr/bin/env", "/usr/bin/perl", "/usr/bin/python3"),
    *("/usr/sbin/useradd", "/usr/sbin/groupadd", "/usr/bin/systemctl", "systemd-units", "systemd-sysv"),
    *("rtld(GNU_HASH)", "user(root)", "group(root)", "group(wheel)"),
)
_RELEASE = """Name: centos-release
Version: 7
Release: 9.2009.1.el7.centos
Summary: Replaces CentOS 7's release package
License: none
Provides: system-release = 7, system-release(releasever) = 7, redhat-release = 7, centos-release(x86-64) = 7
AutoReqProv: no
%description
%{summary}.
%files
"""


def register(root: Path) -> None:
    """Add an entry without files to the root's RPM database for each line of the table."""
    with tempfile.TemporaryDirectory(dir=root / "tmp") as name:
        work = Path(name)
        spec = work / "stubs.spec"
        spec.write_text(_spec(root))
        rpms = build_rpms(spec, work)
        for rpm in rpms:
            shutil.move(rpm, work)
        inside = [f"/tmp/{work.name}/{rpm.name}" for rpm in rpms]  # noqa: S108  # /tmp of the new root, not of this machine
        run("chroot", root, "rpm", "--initdb")
        run("chroot", root, "rpm", "-U", "--justdb", "--nodeps", "--noscripts", "--nosignature", *inside)


def parse_table(text: str) -> dict[str, str]:
    """Return the table as a mapping from CentOS 7's package names to Debian's."""
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return {name: package for name, package in lines}  # noqa: C416  # names the fields of a line


def stub(name: str, package: str, version: str) -> str:
    """Return the part of the spec for one entry."""
    return f"""%package -n {name}
Version: {version}
Release: 0.lab%{{?dist}}
Epoch: 0
Summary: The files are of Debian's {package}
Provides: {name}(x86-64) = {version}
%description -n {name}
%{{summary}}.
%files -n {name}
"""


def _spec(root: Path) -> str:
    versions = _versions(root)
    table = parse_table(_TABLE.read_text())
    missing = sorted(set(table.values()) - set(versions))
    if missing:
        raise LabError(f"{_TABLE}: the base lacks {', '.join(missing)}; list them in packages.txt too, or remove them")
    stubs = [stub(name, package, rpm_version(versions[package])) for name, package in table.items()]
    return "".join([_RELEASE, _libraries(root), *stubs])


def _libraries(root: Path) -> str:
    provides = "".join(f"Provides: {name}\n" for name in [*_PROVIDED, *_sonames(root)])
    header = "%package -n lab-base-libs\nVersion: 1\nSummary: Libraries and interpreters of the base\n"
    return f"{header}{provides}%description -n lab-base-libs\n%{{summary}}.\n%files -n lab-base-libs\n"


def _sonames(root: Path) -> list[str]:
    files = (path for path in (root / "usr/lib/x86_64-linux-gnu").glob("*.so*") if path.is_file())
    return sorted(set(run(_ELFDEPS, "--provides", data="\n".join(map(str, files)) + "\n").split("\n")) - {""})


def _versions(root: Path) -> dict[str, str]:
    rows = run("chroot", root, "dpkg-query", "-W", "-f", "${Package} ${Version}\n").splitlines()
    return {package: version for package, version in (row.split() for row in rows)}  # noqa: C416
