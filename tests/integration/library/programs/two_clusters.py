"""A program with two clusters; it prepares both first, so that a finding about either stops it before any resource."""

from pathlib import Path

import pulumi
import yaml

from components import DeephavenCluster, DeephavenClusterArgs, prepare

PROJECT = Path(__file__).parent
STACK = yaml.safe_load((PROJECT / "stacks/Pulumi.test.yaml").read_text())["config"]["deephaven:cluster"]
HOSTS = {"blue": ("h1.lab.internal", "10.77.0.11"), "green": ("h2.lab.internal", "10.77.0.12")}


def config(fqdn: str, ip: str) -> dict[str, object]:
    """Return the configuration of the single-node stack for another machine."""
    return {**STACK, "hosts": {"infra": {**STACK["hosts"]["infra"], "fqdn": fqdn, "ip": ip}}}


prepared = {
    name: prepare(DeephavenClusterArgs(config=config(*host), project_dir=PROJECT)) for name, host in HOSTS.items()
}
for name, cluster in prepared.items():
    pulumi.export(f"{name}_url", DeephavenCluster(name, cluster).url)
