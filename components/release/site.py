"""A cluster together with its release profile: what the planners plan from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from components.release.grammar import Nouns, fill
from components.release.profile import Profile
from components.topology.cluster import Cluster, Node
from components.topology.errors import ProfileError
from components.topology.plan import Action, Value


@dataclass(frozen=True)
class Site:
    """The nouns of one cluster and what is known of its release."""

    cluster: Cluster
    profile: Profile

    @cached_property
    def nouns(self) -> Nouns:
        """What argument lists may name."""
        return self.cluster.nouns()

    def on(self, noun: str) -> tuple[Node, ...]:
        """Return the hosts that a noun of argument lists means, or `every` host; raises ProfileError."""
        if noun == "every":
            return tuple(self.cluster.nodes.values())
        if noun not in self.nouns:
            known = ", ".join(sorted(self.nouns.keys() - {"release"}))
            raise ProfileError([f"release profile: there is no noun {noun!r}; there are every, {known}"])
        return tuple(self.cluster.nodes[fields["key"]] for fields in self.nouns[noun])

    @property
    def product_release(self) -> str:
        """Version and release inside the declared RPM."""
        return fill(self.profile.product.release, self.nouns)

    def command(self, script: str) -> tuple[str, ...]:
        """Return a vendor command of the profile with this cluster's arguments; raises ProfileError."""
        return self.profile.command(script, self.nouns)

    def services_of(self, node: Node) -> tuple[str, ...]:
        """Return what should run on a host: the services of its roles, but for those that the stack leaves out."""
        return tuple(name for name in self.profile.services_of(node.roles) if name not in self.left_out)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The services that roles bring and the stack declines; monit is to leave them alone."""
        return () if self.cluster.cus else (self.profile.services.cus,)

    def vendor(self, node: Node, step: str, path: str, *, runs: str, after: Sequence[str], **inputs: Value) -> Action:
        """Return a step around one command of the profile: its arguments as `command`, and its limit."""
        return Action(
            node=node,
            step=step,
            script=path,
            after=tuple(after),
            limit=self.profile.limit(runs),
            inputs={"command": self.command(runs), **inputs},
        )
