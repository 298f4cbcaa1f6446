"""The release profile: overrides reach everything, and no vendor fact appears elsewhere."""

import re
from pathlib import Path
from typing import Any

import yaml

from components.release.profile import DIRECTORY, load_profile
from components.release.spec import DeploymentSpec
from tests.unit.conftest import make_spec

COMPONENTS = DIRECTORY.parent
PROFILE = DIRECTORY / "1.20200121.yaml"


def test_an_override_replaces_lists_and_keeps_other_keys() -> None:
    overrides = {"scripts": {"dbacl_init": {"command": ["other"]}}, "units": {"etcd": "other-etcd"}}
    profile = load_profile("1.20200121", overrides)
    assert profile.scripts["dbacl_init"].command == ["other"]
    assert profile.scripts["dbacl_init"].limit == load_profile("1.20200121", {}).scripts["dbacl_init"].limit
    assert profile.units["monit"] == "monit"
    assert profile.units["etcd"] == "other-etcd"


def test_every_command_of_the_profile_expands_for_the_test_stack(spec: DeploymentSpec) -> None:
    for script in spec.profile.scripts:
        assert all(isinstance(argument, str) for argument in spec.command(script))


def test_the_product_inside_the_rpm_is_named_by_release_and_build(spec: DeploymentSpec) -> None:
    assert spec.product_release == "1.20200121.008-1"


def _facts(value: Any) -> set[str]:  # noqa: ANN401 - any YAML value
    """Return the vendor's literals of a profile: paths, script, unit, role and service names, ports."""
    if isinstance(value, dict):
        # argument templates name inventory groups of this project
        ours = ("each", "join", "hosts", "reached_from")
        return {fact for key, inner in value.items() if key not in ours for fact in _facts(inner)}
    if isinstance(value, list):
        return {fact for inner in value for fact in _facts(inner)}
    return set() if "{" in str(value) else {str(value)}


def test_no_vendor_fact_appears_in_python_or_shell() -> None:
    facts = {
        fact for fact in _facts(yaml.safe_load(PROFILE.read_text())) if re.search(r"^/\w+/|\w[_-]\w|^\d{4}$", fact)
    }
    assert {"/usr/illumon/latest/install/monit_init.sh", "configuration_server", "8123", "classic-infra"} <= facts
    files = [*COMPONENTS.rglob("*.py"), *COMPONENTS.rglob("*.sh"), *COMPONENTS.parent.glob("policy/**/*.py")]
    any_of_them = "|".join(map(re.escape, facts))
    matches = {
        (file.name, fact)
        for file in files
        for fact in re.findall(rf"(?<![\w.-])(?:{any_of_them})(?![\w-])", _code(file))
    }
    assert matches == set()


def _code(file: Path) -> str:
    """Return a file's text without comments and docstrings."""
    return re.sub(r'""".*?"""|^\s*#.*$', "", file.read_text(), flags=re.DOTALL | re.MULTILINE)


def test_a_declined_update_service_is_not_waited_for(raw: dict[str, Any]) -> None:
    with_it, without = make_spec(raw), make_spec({**raw, "services": {"cus": False}})
    node = with_it.cluster.primary
    assert set(with_it.services_of(node)) - set(without.services_of(node)) == {"client_update_service"}
    assert with_it.excluded_services(node) == ()
    assert without.excluded_services(node) == ("client_update_service",)
