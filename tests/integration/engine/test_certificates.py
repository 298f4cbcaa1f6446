"""The fakes of pulumi-tls and pulumi-random on the real engine."""

import subprocess

import pytest

from tests.integration.engine.conftest import Start
from tests.integration.engine.project import Project

pytestmark = pytest.mark.lab


def test_certificate_verifies_and_keys_are_encrypted_in_state(start: Start) -> None:
    project = start("certificates")
    project.up()
    assert _verify(project) == 0
    outputs = project.outputs()
    state = project.written()
    for secret in (outputs["password"], outputs["key"].splitlines()[1]):
        assert secret not in state
    assert outputs["certificate"].splitlines()[1] in state


def test_verification_fails_for_another_authority(start: Start) -> None:
    project = start("certificates")
    project.up()
    first = project.outputs()["authority"]
    project.pulumi("up", "--yes", "--skip-preview", "--target-replace", _authority_key(project), "--target-dependents")
    assert project.outputs()["authority"] != first
    assert _verify(project) == 0
    assert _verify(project, authority=first) != 0


def test_certificates_are_renewed_early_and_only_then(start: Start) -> None:
    project = start("certificates")
    project.up()
    first = project.outputs()
    project.config(early="49")
    assert "1 updated" in project.up()
    assert project.outputs() == first
    project.config(early="50")
    assert "1 replaced" in project.up()
    assert project.outputs()["certificate"] != first["certificate"]


def _authority_key(project: Project) -> str:
    (urn,) = [key["urn"] for key in project.resources("PrivateKey") if key["urn"].endswith("::authority")]
    return str(urn)


def _verify(project: Project, authority: str = "") -> int:
    outputs = project.outputs()
    roots, leaf = project.directory / "roots.pem", project.directory / "leaf.pem"
    roots.write_text(authority or outputs["authority"])
    leaf.write_text(outputs["certificate"])
    command = ["openssl", "verify", "-CAfile", str(roots), str(leaf)]
    return subprocess.run(command, capture_output=True, check=False).returncode
