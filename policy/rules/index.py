"""All rules on one screen: name, description, levels and limits; pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from policy.rules import (
    build,
    certificate,
    commands,
    etcd,
    protection,
    requirements,
    secrets,
    servers,
    shared_data,
    waivers,
)
from policy.rules.model import Resource, Result, RuleContext
from policy.rules.tokens import CLUSTER, COMMAND, COPY, LOCALLY_SIGNED, PRIVATE_KEY, SELF_SIGNED, TRANSFER

Level = Literal["mandatory", "advisory", "disabled"]
ANY = ()  # every resource type


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: its levels by environment, and its limits with their defaults."""

    name: str
    description: str
    production: Level
    test: Level
    limits: Mapping[str, Any] = field(default_factory=dict)

    def level(self, environment: str) -> Level:
        """Return the level in an environment; an unknown environment counts as production."""
        return self.test if environment == "test" else self.production


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule):
    """A rule that evaluates each resource before the engine changes it."""

    evaluate: Callable[[Resource, RuleContext], Iterable[Result]]
    of: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule):
    """A rule that evaluates all resources together, at the end of a preview or an update.

    The rule with `reports_skipped` is the last one, and also reports what the other rules skipped.
    """

    evaluate: Callable[[Sequence[Resource], RuleContext], Iterable[Result]]
    reports_skipped: bool = False


RULES: Sequence[ResourceRule | StackRule] = (
    ResourceRule(
        name="etcd",
        description="etcd has an odd number of members, at least three in production, each on its own host.",
        production="mandatory", test="advisory", limits={"members": 3},
        evaluate=etcd.evaluate, of=(CLUSTER,),
    ),
    ResourceRule(
        name="servers",
        description="A production cluster has two configuration servers and two authentication servers.",
        production="advisory", test="disabled", limits={"config_servers": 2, "auth_servers": 2},
        evaluate=servers.evaluate, of=(CLUSTER,),
    ),
    ResourceRule(
        name="certificate",
        description="In production an authority issues the web certificate; key and lifetime are within the limits.",
        production="mandatory", test="advisory",
        limits={
            "days_left": 14, "lifetime_days": 825, "authority_days": 7300, "rsa_bits": 2048, "ecdsa_bits": 256,
        },
        evaluate=certificate.evaluate, of=(CLUSTER, PRIVATE_KEY, SELF_SIGNED, LOCALLY_SIGNED),
    ),
    ResourceRule(
        name="commands",
        description="Commands pin host keys, use the declared user, and run the launcher with a time limit, unlogged.",
        production="mandatory", test="mandatory", limits={"seconds": 3600, "users": []},
        evaluate=commands.evaluate, of=(COMMAND, COPY, TRANSFER),
    ),
    ResourceRule(
        name="secrets",
        description="No property contains a secret in plain text.",
        production="mandatory", test="mandatory", limits={"length": 20, "entropy": 3.7},
        evaluate=secrets.evaluate, of=ANY,
    ),
    StackRule(
        name="protection",
        description="Pulumi refuses to delete production hosts that hold state.",
        production="mandatory", test="disabled",
        evaluate=protection.evaluate,
    ),
    ResourceRule(
        name="shared-data",
        description="All query servers mount the same historical data.",
        production="mandatory", test="advisory",
        evaluate=shared_data.evaluate, of=(CLUSTER,),
    ),
    ResourceRule(
        name="requirements",
        description="In production each waiver has a reason, and hosts are read before an update.",
        production="mandatory", test="disabled",
        evaluate=requirements.evaluate, of=(CLUSTER,),
    ),
    ResourceRule(
        name="build",
        description="All hosts run the same build of the release.",
        production="mandatory", test="advisory",
        evaluate=build.evaluate, of=(CLUSTER,),
    ),
    StackRule(
        name="waivers",
        description="Reports the stack's waivers, the exceptions in use, and values that could not be evaluated.",
        production="advisory", test="advisory",
        evaluate=waivers.evaluate, reports_skipped=True,
    ),
)  # fmt: skip
BY_NAME = {rule.name: rule for rule in RULES}
