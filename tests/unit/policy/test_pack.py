"""The pack starts fast: it imports no heavy module, whatever else is installed."""

import subprocess
import sys

from tests.unit.conftest import PROJECT

HEAVY = ("components", "cryptography", "pydantic", "pulumi_command", "pulumi_tls", "yaml")


def test_the_pack_imports_no_heavy_module() -> None:
    # the SDK's own imports depend on its version, so they are subtracted
    code = (
        "import sys, pulumi_policy; before = set(sys.modules); import policy.rules.pack;"
        " print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    imported = set(done.stdout.split())
    assert "policy" in imported
    assert imported & set(HEAVY) == set()
