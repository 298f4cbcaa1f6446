"""The pack starts fast: it brings nothing heavy with it, whatever is installed beside it."""

import subprocess
import sys

from tests.unit.conftest import PROJECT

HEAVY = ("components", "cryptography", "pydantic", "pulumi_command", "pulumi_tls", "yaml")


def test_the_pack_brings_nothing_heavy() -> None:
    # of the SDK's own imports it is not known which will come with another version, so they are taken away
    code = (
        "import sys, pulumi_policy; before = set(sys.modules); import policy.rules.pack;"
        " print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    brought = set(done.stdout.split())
    assert "policy" in brought
    assert brought & set(HEAVY) == set()
