"""Builds the RPMs reproducibly, and only if one of their sources has changed."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from lab.hosts import repository
from lab.product import fetch, stage
from lab.product.errors import ProductError

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "lab/.build"
RELEASE = "1.20200121"
PRODUCTS = (("008", "guide", ""), ("012", "guide", ""), ("008", "second", "second"))
MACROS = {
    "_buildhost": "lab",
    "_build_id_links": "none",
    "_dbpath": "/nonexistent",
    "_binary_payload": "w6.gzdio",
    "__os_install_post": "%{nil}",
    "debug_package": "%{nil}",
    "clamp_mtime_to_source_date_epoch": "1",
    "use_source_date_epoch_as_buildtime": "1",
}


def build(target: Path = BUILD, index: Callable[[], None] = repository.index) -> str:
    """Build the RPMs if they are missing or out of date; return a line with the result."""
    require_tools()
    target.mkdir(parents=True, exist_ok=True)
    with (target / "product.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, expected = target / "product.stamp", digest()
        if stamp.exists() and stamp.read_text() == expected and all(path.exists() for path in outputs(target)):
            return "product: nothing changed"
        stamp.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(prefix="product.", dir=target) as work:
            rpms = build_all(Path(work))
            for name, path in rpms.items():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                path.replace(target / name)
        index()
        stamp.write_text(expected)
    return f"product: built {', '.join(sorted(rpms))}"


def require_tools() -> None:
    """Raise ProductError with the packages of all missing tools."""
    packages = {"rpmbuild": "rpm", "createrepo_c": "createrepo-c", "dpkg-deb": "dpkg", "mvn": "maven"}
    missing = [package for tool, package in packages.items() if not shutil.which(tool)]
    if missing:
        raise ProductError(f"machine: tools missing; run apt-get install {' '.join(missing)}")


def digest() -> str:
    """Return the digest of all sources of the RPMs."""
    total = hashlib.sha256()
    for path in sorted(
        path for path in stage.SOURCES.rglob("*") if path.is_file() and path.suffix not in {".pyc", ".md"}
    ):
        total.update(f"{path.relative_to(stage.SOURCES)}\0".encode() + path.read_bytes())
    return total.hexdigest()


def names() -> list[str]:
    """Return the name of every output, relative to the build directory."""
    files = [str(Path(folder) / f"illumon-db-{RELEASE}.{number}-1-1.rpm") for number, _, folder in PRODUCTS]
    return [*files, "packages/java-1.8.0-openjdk-devel.rpm", "packages/mysql-connector-java.rpm"]


def outputs(target: Path) -> list[Path]:
    """Return the path of every output."""
    return [target / name for name in names()]


def build_all(work: Path) -> dict[str, Path]:
    """Build all RPMs in a scratch directory; return their paths by name."""
    jar, etcdctl = fetch.connector(work), fetch.etcdctl(work)
    files = iter(names())
    rpms = {}
    for number, vocabulary, folder in PRODUCTS:
        full = f"{RELEASE}.{number}"

        def product(tree: Path, full: str = full, vocabulary: str = vocabulary) -> None:
            stage.product(tree, full, vocabulary, etcdctl)

        rpms[next(files)] = rpm(work / f"{number}{folder}", "illumon-db", product, build=full)
    rpms[next(files)] = rpm(work / "java", "java", stage.java)
    rpms[next(files)] = rpm(work / "connector", "connector", lambda tree: stage.connector(tree, jar))
    return rpms


def rpm(work: Path, spec: str, fill: Callable[[Path], None], **extra: str) -> Path:
    """Build one RPM from a staged tree."""
    tree = work / "stage"
    tree.mkdir(parents=True)
    fill(tree)
    stage.normalize(tree)
    defines = MACROS | extra | {"_topdir": str(work / "top"), "stage": str(tree)}
    command = ["rpmbuild", "-bb", "--quiet", "--nodeps", "--target", "x86_64-linux"]
    for name, value in defines.items():
        command += ["--define", f"{name} {value}"]
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(stage.EPOCH), "LC_ALL": "C.UTF-8"}
    result = subprocess.run(
        [*command, str(stage.SOURCES / f"{spec}.spec")], env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise ProductError(f"{spec}.spec: rpmbuild failed: {result.stderr.strip()[-2000:]}")
    return next((work / "top/RPMS").rglob("*.rpm"))
