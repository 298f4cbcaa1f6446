"""A machine with nothing but a new Debian: a root file system in its own namespaces.

It shares this machine's kernel and its limits; see `test_bare_machine`.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from lab.hosts.apt import derive, machine_sources, parse_deb822

PACKAGES = ("git", "make", "python3", "ca-certificates")
"""The packages that the README requires on a user's machine."""

_SETTINGS = (
    *("etc/resolv.conf", "etc/hosts", "etc/pip.conf", "etc/apt/auth.conf", "etc/apt/auth.conf.d"),
    *("usr/local/share/ca-certificates", "root/.config/pip", "root/.config/go", "root/.m2/settings.xml"),
)
"""This machine's settings for package registries; each file is copied if it exists."""

_VARIABLES = re.compile(
    r"(?i:(https?|no|all|ftp)_proxy)|PIP_(INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|CERT|DEFAULT_TIMEOUT)"
    r"|GO(PROXY|SUMDB|NOSUMDB|NOPROXY|PRIVATE|INSECURE)|MAVEN_(ARGS|OPTS)|(SSL_CERT_FILE|REQUESTS_CA_BUNDLE)"
)
_APT = re.compile(r"Acquire::(https?|Check-[\w-]+|Retries)\b.*;")
_CACHES = {"GOCACHE": "go-build", "GOMODCACHE": "go-mod", "PIP_CACHE_DIR": "pip"}
_SCRIPT = Path(__file__).with_suffix(".sh")


class BareMachine:
    """A machine with a Debian release; machines with the same `caches` download and compile everything only once."""

    def __init__(self, release: str, directory: Path, caches: Path) -> None:
        self.release = release
        self.root = directory / "root"
        self._sources = directory / "debian.sources"
        self._caches = caches
        self._process: subprocess.Popen[str] | None = None

    def install(self) -> None:
        """Install Debian from this machine's mirror, with this machine's settings for package registries."""
        self._sources.write_text(derive(machine_sources(), self.release))
        options = ("--mode=root", "--variant=minbase", "--quiet", f"--include={','.join(PACKAGES)}")
        # In its own mount namespace, so that mounts of an interrupted run disappear with it.
        command = ["unshare", "--mount", "mmdebstrap", *options, self.release, str(self.root), *self._mirrors()]
        subprocess.run(command, check=True)
        for name in _SETTINGS:
            copy(
                Path.home() / name.removeprefix("root/") if name.startswith("root/") else Path("/", name),
                self.root / name,
            )
        dumped = subprocess.run(["apt-config", "dump"], check=True, capture_output=True, text=True).stdout
        (self.root / "etc/apt/apt.conf.d/90machine").write_text("\n".join([*apt_settings(dumped), ""]))
        subprocess.run(["chroot", self.root, "update-ca-certificates"], check=True, capture_output=True)

    def start(self) -> None:
        """Start its process 1; all other processes of the machine end with it."""
        unshare = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"]
        self._process = subprocess.Popen(
            [*unshare, _SCRIPT, self.root, self._caches], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def run(self, *command: str, cwd: str = "/", network: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a command on the machine; with `network`, in this machine's network, where it can reach registries."""
        assert self._process is not None
        pid = self._process.pid
        first = Path(f"/proc/{pid}/task/{pid}/children").read_text().strip()
        enter = ["nsenter", f"--target={first}", "--mount", "--pid", *([] if network else ["--net"]), "--root"]
        arguments = [*enter, f"--wd=/proc/{first}/root/{cwd}", *command]
        return subprocess.run(arguments, env=self._environment(), capture_output=True, text=True, check=False)

    def stop(self) -> None:
        """End process 1, so that the kernel ends all other processes of the machine and removes its mounts."""
        if self._process is not None:
            self._process.communicate(timeout=60)
            self._process = None

    def remove(self) -> None:
        """Stop it and remove its disk."""
        self.stop()
        if self.root.exists():
            shutil.rmtree(self.root)

    def _mirrors(self) -> list[str]:
        """Return mmdebstrap's sources: one-line entries on Debian 12, as its installer writes them, else a file."""
        if self.release != "bookworm":
            return [str(self._sources)]
        sources = parse_deb822(self._sources.read_text(), self._sources.name)
        return [f"deb {uri} {suite} main" for source in sources for uri in source.uris for suite in source.suites]

    def _environment(self) -> dict[str, str]:
        caches = {name: f"/var/cache/shared/{folder}" for name, folder in _CACHES.items()}
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return {"PATH": path, "HOME": "/root", "LANG": "C.UTF-8", **caches, **dict(variables(os.environ, self.root))}


def variables(environment: Mapping[str, str], root: Path) -> Iterator[tuple[str, str]]:
    """Return the variables for package registries, without paths that do not exist on the machine."""
    for name, value in environment.items():
        if _VARIABLES.fullmatch(name) and (not value.startswith("/") or (root / value[1:]).exists()):
            yield name, value


def apt_settings(dumped: str) -> list[str]:
    """Return the lines of `apt-config dump` that determine how apt reaches its mirrors."""
    return [line for line in dumped.splitlines() if _APT.fullmatch(line)]


def copy(source: Path, target: Path) -> None:
    """Copy a file or a directory if it exists."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.exists():
        target.unlink(missing_ok=True)
        shutil.copyfile(source, target)
