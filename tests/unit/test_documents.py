"""The documents are correct: examples are valid, and the files and targets that they name exist."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from components.config.certificate import PrivateCa, Provided
from components.config.loader import load_config
from components.config.requirements import CHECKS
from components.config.stack_hosts import StackOutputs, is_reference, resolve_hosts
from components.release.profile import load_profile
from components.safety.finding import FINDINGS
from policy.rules.index import BY_NAME
from policy.rules.settings import settings, stack_settings
from policy.rules.table import rows

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text()


EXAMPLES = re.findall(r"<!-- a test reads this example -->\n```yaml\n(.*?)```", README, re.DOTALL)
STACK = yaml.safe_load(EXAMPLES[0])["config"]["deephaven:cluster"]


def test_the_example_of_a_stack_file_is_accepted() -> None:
    assert load_config(STACK).services.example_data == "infra"


def test_the_examples_of_certificates_are_accepted_and_show_every_key_and_default() -> None:
    shown = [yaml.safe_load(example)["certificate"] for example in EXAMPLES[2:4]]
    private, provided = (load_config({**STACK, "certificate": certificate}).certificate for certificate in shown)
    assert (type(private), type(provided)) == (PrivateCa, Provided)
    assert set(shown[0]) == set(PrivateCa.model_fields)
    assert set(shown[1]) == set(Provided.model_fields)
    assert private == PrivateCa(kind="private-ca", organization="Example")
    assert isinstance(provided, Provided)
    assert provided.minimum_days == Provided.model_fields["minimum_days"].default


def test_the_example_of_preflight_checks_is_accepted() -> None:
    config = load_config({**STACK, **yaml.safe_load(EXAMPLES[4])})
    assert (config.facts.timeout, config.load.users, len(config.mounts), len(config.accounts)) == (20, 10, 1, 3)
    assert config.requirements.clock is not None
    assert config.requirements.clock.threshold == 2


def test_the_example_of_hosts_of_another_stack_is_accepted() -> None:
    example = next(example for example in EXAMPLES if "output: hosts" in example)
    outputs = StackOutputs(values={"hosts": {"infra": {"fqdn": "h1.example.com", "ip": "10.0.0.11"}}})
    raw = {**STACK, **yaml.safe_load(example)}
    assert is_reference(raw)
    assert load_config(resolve_hosts(raw, lambda _stack: outputs)).hosts["infra"].roles[0] == "infra"


def test_the_readme_lists_every_refusal_and_what_permits_it() -> None:
    rows = [f"| `{name}` | {when} | {permits} |\n" for name, (when, permits) in FINDINGS.items()]
    assert "".join(rows) in README


def test_the_example_of_what_is_allowed_is_accepted() -> None:
    example = next(example for example in EXAMPLES if example.startswith("    allow:"))
    allowed = load_config({**STACK, **yaml.safe_load(example)}).allow
    assert [(override.refusal, override.host) for override in allowed] == [("downgrade", None), ("manifest", "infra")]


def test_the_readme_lists_every_check() -> None:
    section = README.partition("\n## Preflight checks\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[a-z_`, ]+) \|", section, re.MULTILINE)
    assert {name for row in rows for name in re.findall("`([a-z_]+)`", row)} == set(CHECKS)


def test_the_readme_lists_the_rules_as_they_are() -> None:
    table = README.partition("<!-- the rules: python -m policy.rules.table -->\n")[2].partition("\n\n")[0]
    assert table.splitlines() == list(rows())


def test_the_examples_of_policies_are_accepted() -> None:
    (stack,) = (yaml.safe_load(example)["config"] for example in EXAMPLES if "deephaven:policy" in example)
    assert set(stack_settings(stack["deephaven:policy"])) == {"servers", "shared-data", "etcd"}
    (file,) = re.findall(r"<!-- a test reads this example -->\n```json\n(.*?)```", README, re.DOTALL)
    for name, raw in json.loads(file).items():
        limits = {} if isinstance(raw, str) else {key: raw[key] for key in raw if key != "enforcementLevel"}
        assert settings(BY_NAME[name], limits, name) is not None


def test_the_example_of_overrides_is_valid() -> None:
    example = re.search(r"^    release:\n      overrides:\n(?:      .*\n)+", README, re.MULTILINE)
    assert example is not None
    overrides = yaml.safe_load(example[0])["release"]["overrides"]
    assert load_profile("1.20200121", overrides).units["etcd"] == "my-etcd"


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_targets_and_files_in_a_document_exist(document: str) -> None:
    text = (PROJECT / document).read_text()
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^    )make ([a-z-]+)", text, re.MULTILINE))
    assert named <= targets
    paths = set(re.findall(r"`((?:components|policy|tests|lab|stacks|requirements)/[a-z0-9_./-]+\w)`", text))
    assert {path for path in paths if not (PROJECT / path).exists() and ".build" not in path} == set()


def test_the_public_checks_run_on_each_python_from_the_oldest_that_readme_names() -> None:
    workflow = yaml.safe_load((PROJECT / ".github/workflows/checks.yml").read_text())
    pythons = workflow["jobs"]["unit"]["strategy"]["matrix"]["python"]
    minors = [int(version.removeprefix("3.")) for version in pythons]
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]
    assert minors == list(range(minors[0], minors[0] + len(minors)))
    assert set(re.findall(r"Python 3\.\d+", README)) == {f"Python {pythons[0]}"}
    assert (settings["mypy"]["python_version"], settings["ruff"]["target-version"]) == (pythons[0], f"py3{minors[0]}")
