"""What is built: the programs, where their sources are and where each one goes."""

from dataclasses import dataclass
from pathlib import Path

from lab.engine.paths import BIN, HERE, HOME

VERSION = "3.274.1"
PLUGINS = {"command": "1.2.1", "random": "4.21.4", "tls": "5.6.2"}
"""The stand-ins, under the exact versions that the Python SDKs ask for."""

SDK = "github.com/pulumi/pulumi/sdk/v3"
CLI = HERE / "cli"


@dataclass(frozen=True)
class Piece:
    """One Go program."""

    package: str
    module: Path
    target: Path
    sources: tuple[Path, ...] = ()
    tags: str = ""
    flags: str = "-s -w"

    def everything(self) -> list[Path]:
        """List the files that decide what comes out."""
        files = [self.module / "go.mod", self.module / "go.sum"]
        for folder in self.sources:
            files += [path for path in folder.rglob("*.go") if not path.name.endswith("_test.go")]
        return sorted(files)

    def arguments(self, output: Path) -> list[str]:
        """Give the compiler's command line."""
        tags = ["-tags", self.tags] if self.tags else []
        return ["build", "-trimpath", "-buildvcs=false", *tags, "-ldflags", self.flags, "-o", str(output), self.package]


def plugin(name: str, version: str) -> Piece:
    """Give one stand-in; the directory's name is what the engine looks for."""
    module = HERE / "plugins"
    return Piece(
        package=f"./{name}",
        module=module,
        target=HOME / f"plugins/resource-{name}-v{version}/pulumi-resource-{name}",
        sources=(module / name,),
    )


PIECES = (
    Piece(
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        module=CLI,
        target=BIN / "pulumi",
        tags="osusergo,grpcnotrace",
        flags=f"-s -w -X {SDK}/go/common/version.Version=v{VERSION}",
    ),
    Piece(
        package="./language",
        module=CLI,
        target=BIN / "pulumi-language-python",
        sources=(CLI / "language",),
        tags="osusergo,grpcnotrace",
    ),
    *(plugin(name, version) for name, version in PLUGINS.items()),
)

EXECUTOR = BIN / "pulumi-language-python-exec"
"""The script that runs a program; it comes with the SDK's module and is not kept here."""
