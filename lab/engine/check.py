"""Checks the Go sources: their format, `go vet`, and their tests."""

from pathlib import Path

from lab.engine.errors import EngineError
from lab.engine.golang import Go, go
from lab.engine.paths import HERE
from lab.engine.programs import CLI

MODULES = {HERE / "plugins": "./...", CLI: "./language"}


def check() -> list[str]:
    """Check each module and return a line for each; the first failure raises EngineError."""
    compiler = go()
    return [_check_module(compiler, module, packages) for module, packages in MODULES.items()]


def _check_module(compiler: Go, module: Path, packages: str) -> str:
    unformatted = compiler.formatter(cwd=module)
    if unformatted:
        raise EngineError(f"{module}: not formatted; run gofmt -w {unformatted}")
    compiler.run("vet", packages, cwd=module)
    compiler.run("test", packages, cwd=module)
    return f"{module.name} passed"
