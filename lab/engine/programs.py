"""The programs that are built, with their sources and targets."""

from dataclasses import dataclass
from pathlib import Path

from lab.engine.paths import BIN, HERE, HOME

VERSION = "3.274.1"
PLUGINS = {"command": "1.2.1", "random": "4.21.4", "tls": "5.6.2"}
"""The fake plugins, with the exact versions that the Python SDKs request."""

SDK = "github.com/pulumi/pulumi/sdk/v3"
CLI = HERE / "cli"


@dataclass(frozen=True)
class Program:
    """One Go program."""

    package: str
    module: Path
    target: Path
    sources: tuple[Path, ...] = ()
    tags: str = ""
    flags: str = "-s -w"

    def files(self) -> list[Path]:
        """Return the files that the program is built from."""
        files = [self.module / "go.mod", self.module / "go.sum"]
        for folder in self.sources:
            files += [path for path in folder.rglob("*.go") if not path.name.endswith("_test.go")]
        return sorted(files)

    def arguments(self, output: Path) -> list[str]:
        """Return the compiler's command line."""
        tags = ["-tags", self.tags] if self.tags else []
        return ["build", "-trimpath", "-buildvcs=false", *tags, "-ldflags", self.flags, "-o", str(output), self.package]


def plugin(name: str, version: str) -> Program:
    """Return one fake plugin; the engine finds it by its directory's name."""
    module = HERE / "plugins"
    return Program(
        package=f"./{name}",
        module=module,
        target=HOME / f"plugins/resource-{name}-v{version}/pulumi-resource-{name}",
        sources=(module / name,),
    )


PROGRAMS = (
    Program(
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        module=CLI,
        target=BIN / "pulumi",
        tags="osusergo,grpcnotrace",
        flags=f"-s -w -X {SDK}/go/common/version.Version=v{VERSION}",
    ),
    Program(
        package="./language",
        module=CLI,
        target=BIN / "pulumi-language-python",
        sources=(CLI / "language",),
        tags="osusergo,grpcnotrace",
    ),
    *(plugin(name, version) for name, version in PLUGINS.items()),
)

EXECUTOR = BIN / "pulumi-language-python-exec"
"""The script that runs a program; it is part of the SDK's module."""
