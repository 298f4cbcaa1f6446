"""All rules on one screen: what each is called, where it stops a run, what may be set; pure."""

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
ANY = ()  # of every type


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: its levels, and its limits with what they are when nobody sets them."""

    name: str
    description: str
    production: Level
    test: Level
    limits: Mapping[str, Any] = field(default_factory=dict)

    def level(self, environment: str) -> Level:
        """Return the level in an environment; what is not known to be a test is production."""
        return self.test if environment == "test" else self.production


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule):
    """A rule that evaluates resources one by one, before anything is done with them."""

    evaluate: Callable[[Resource, RuleContext], Iterable[Result]]
    of: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule):
    """A rule that evaluates all resources together, at the end of a preview and of an update.

    The one with `reports_skipped` is the last: it also reports what the others skipped.
    """

    evaluate: Callable[[Sequence[Resource], RuleContext], Iterable[Result]]
    reports_skipped: bool = False


RULES: Sequence[ResourceRule | StackRule] = (
    ResourceRule(
        name="etcd",
        description="etcd has an odd number of members, in production at least three, on distinct hosts of its own.",
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
        description="The web certificate is an authority's in production, with a fit key and lifetime.",
        production="mandatory", test="advisory",
        limits={
            "days_left": 14, "lifetime_days": 825, "authority_days": 7300, "rsa_bits": 2048, "ecdsa_bits": 256,
        },
        evaluate=certificate.evaluate, of=(CLUSTER, PRIVATE_KEY, SELF_SIGNED, LOCALLY_SIGNED),
    ),
    ResourceRule(
        name="commands",
        description="Commands go to pinned hosts as a known user, run the fixed launcher, end in time and log nothing.",
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
        description="Production hosts that hold state are protected from deletion.",
        production="mandatory", test="disabled",
        evaluate=protection.evaluate,
    ),
    ResourceRule(
        name="shared-data",
        description="Several query servers share the historical data.",
        production="mandatory", test="advisory",
        evaluate=shared_data.evaluate, of=(CLUSTER,),
    ),
    ResourceRule(
        name="requirements",
        description="In production nothing is relaxed without a reason, and hosts are read beforehand.",
        production="mandatory", test="disabled",
        evaluate=requirements.evaluate, of=(CLUSTER,),
    ),
    ResourceRule(
        name="build",
        description="The release is one build on all hosts.",
        production="mandatory", test="advisory",
        evaluate=build.evaluate, of=(CLUSTER,),
    ),
    StackRule(
        name="waivers",
        description="The stack's waivers, the exceptions in use, and what could not be evaluated.",
        production="advisory", test="advisory",
        evaluate=waivers.evaluate, reports_skipped=True,
    ),
)  # fmt: skip
BY_NAME = {rule.name: rule for rule in RULES}
