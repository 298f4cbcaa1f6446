"""Checks the Go sources: formatted, without what `go vet` finds, and their tests."""

from pathlib import Path

from lab.engine.errors import EngineError
from lab.engine.golang import Go, go
from lab.engine.paths import HERE
from lab.engine.pieces import CLI

MODULES = {HERE / "plugins": "./...", CLI: "./language"}


def check() -> list[str]:
    """Check each module; give a line for each, and stop at the first that fails."""
    compiler = go()
    return [_module(compiler, module, packages) for module, packages in MODULES.items()]


def _module(compiler: Go, module: Path, packages: str) -> str:
    untidy = compiler.formatter(cwd=module)
    if untidy:
        raise EngineError(f"{module}: not formatted; run gofmt -w {untidy}")
    compiler.run("vet", packages, cwd=module)
    compiler.run("test", packages, cwd=module)
    return f"{module.name} passed"
