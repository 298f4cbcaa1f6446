"""Stages the trees that become RPMs, in the layout that they have on a host."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parent
FILES = SOURCES / "files"
EPOCH = 1583193600  # the guide's date; a fixed time makes the RPMs reproducible
TREES = ("install", "bin", "lib", "etc")
DIRECTORIES = (
    "etc/deephaven/cus-tls",
    *(f"db/{name}" for name in ("Intraday", "Systems", "Users", "IntradayUser")),
    *(f"db/TempFiles/{user}" for user in ("irisadmin", "dbquery", "dbmerge")),
    *(f"var/log/deephaven/{name}" for name in ("install_configuration", "misc", "binlogs")),
)


def vocabulary_env(vocabulary: dict[str, Any], build: str) -> str:
    """Return the part of a vocabulary that shell scripts read."""
    services = vocabulary["services"]
    values = {
        "DH_BUILD": build,
        "ETCD_ARCHIVE": vocabulary["archives"]["etcd"],
        "AUTH_ARCHIVE": vocabulary["archives"]["auth"],
        "ETCD_UNIT": vocabulary["etcd_unit"],
        "CONFIG_PORT": services["config"]["port"],
        "CUS_PORT": services["cus"]["port"],
        "CUS_LOG": services["cus"]["log"],
    }
    return "# The vocabulary's values for shell scripts.\n" + "".join(
        f"{key}={value}\n" for key, value in values.items()
    )


def put(source: Path, target: Path, mode: int) -> None:
    """Copy a file with a fixed mode."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def product(stage: Path, build: str, vocabulary: str, etcdctl: Path) -> None:
    """Stage the product of one build with one vocabulary."""
    release = stage / "usr/illumon" / build
    for tree in TREES:
        for source in sorted(path for path in (FILES / tree).rglob("*") if path.is_file()):
            executable = source.read_bytes().startswith(b"#!")
            put(source, release / source.relative_to(FILES), 0o755 if executable else 0o644)
    for source in sorted((FILES / "dhlib").glob("*.py")):
        put(source, release / "lib/dhlib" / source.name, 0o644)
    for source in sorted((FILES / "sql").iterdir()):
        put(source, stage / "etc/sysconfig/deephaven" / build / "sql" / source.name, 0o644)
    names = json.loads((SOURCES / f"vocabulary/{vocabulary}.json").read_text())
    (release / "etc/vocabulary.json").write_text(json.dumps(names, indent=1) + "\n")
    (release / "etc/vocabulary.env").write_text(vocabulary_env(names, build))
    (release / "java_lib").mkdir()
    (release / f"java_lib/illumon-db-{build}.txt").write_text("Takes the place of the licensed product's jars.\n")
    put(etcdctl, release / "etcd/etcdctl", 0o755)
    put(FILES / "host/iris.init", stage / "etc/init.d/iris", 0o755)
    put(FILES / "host/illumon.cron", stage / "etc/cron.d/illumon.iris.localhost", 0o644)
    for directory in DIRECTORIES:
        (stage / directory).mkdir(parents=True)


def java(stage: Path) -> None:
    """Stage the fake Java."""
    home = stage / "usr/lib/jvm/java-1.8.0-openjdk/bin"
    put(FILES / "host/java", home / "java", 0o755)
    (stage / "usr/bin").mkdir(parents=True)
    (stage / "usr/bin/java").symlink_to("/usr/lib/jvm/java-1.8.0-openjdk/bin/java")


def connector(stage: Path, jar: Path) -> None:
    """Stage the MySQL connector."""
    put(jar, stage / "usr/share/java/mysql-connector-java.jar", 0o644)


def normalize(stage: Path) -> None:
    """Set one time on everything in a staged tree, and mode 755 on its directories."""
    for path in [stage, *stage.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
        os.utime(path, (EPOCH, EPOCH), follow_symlinks=False)
