"""A cluster together with its release profile: what the planners plan from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from components.config.models import AccountIds
from components.errors import ProfileError
from components.release.arguments import Inventory, fill
from components.release.model import Profile, System
from components.topology.cluster import Cluster, Node

PLACED = ("config", "auth", "web_api", "controller", "cus")  # services that run where the stack says


@dataclass(frozen=True)
class DeploymentSpec:
    """The nouns of one cluster and what is known of its release; `routing` is the stack's own routing document."""

    cluster: Cluster
    profile: Profile
    routing: str | None = None

    @cached_property
    def inventory(self) -> Inventory:
        """What argument lists may name; raises ProfileError when the CUS's system has no name for the vendor."""
        inventory = self.cluster.inventory()
        return {**inventory, "cus": [{**fields, "environment": self._environment()} for fields in inventory["cus"]]}

    def system(self, node: Node) -> System:
        """Return what the profile says of a host's operating system."""
        return self.profile.systems[node.os]

    def _environment(self) -> str:
        node = self.cluster.cus
        known = self.system(node).environment if node else ""
        if node and not known:
            raise ProfileError(
                f"deephaven:cluster.hosts.{cus.key}.os: the guide does not say what cus_init.sh --environment is for"
                f" {cus.os}; set release.overrides.systems.{cus.os}.environment, or run the CUS on another host"
                for cus in self.cluster.hosts_running("cus")
            )
        return known or ""

    @property
    def product_package(self) -> str:
        """The product's package: the one that the stack takes from a repository, else the one inside the RPM."""
        return self.cluster.config.release.rpm.package or self.profile.product.package

    @property
    def accounts(self) -> Mapping[str, AccountIds]:
        """The ids of the product's accounts that the stack fixes, in the profile's order; raises ProfileError."""
        fixed, names = self.cluster.config.accounts, self.profile.accounts.names
        unknown = [name for name in fixed if name not in names]
        if unknown:
            raise ProfileError(
                f"deephaven:cluster.accounts.{name}: the product has no such account; it has {', '.join(names)}"
                for name in unknown
            )
        return {name: fixed[name] for name in names if name in fixed}

    @property
    def file_owners(self) -> tuple[str, ...]:
        """The accounts that may own a file of the product that is carried from host to host."""
        return ("root", *self.profile.accounts.names)

    def hosts_in(self, group: str) -> tuple[Node, ...]:
        """Return the hosts that a noun of argument lists means, or `every` host; raises ProfileError."""
        if group == "every":
            return tuple(self.cluster.nodes.values())
        if group not in self.inventory:
            known = ", ".join(sorted(self.inventory.keys() - {"release"}))
            raise ProfileError([f"release profile: there is no noun {group!r}; there are every, {known}"])
        # an ACL database outside of the cluster has no key
        return tuple(self.cluster.nodes[fields["key"]] for fields in self.inventory[group] if "key" in fields)

    @property
    def product_release(self) -> str:
        """Version and release inside the declared RPM."""
        return fill(self.profile.product.release, self.inventory)

    def command(self, script: str) -> tuple[str, ...]:
        """Return a vendor command of the profile with this cluster's arguments; raises ProfileError."""
        if script not in self._commands:
            self._commands[script] = self.profile.command(script, self.inventory)
        return self._commands[script]

    @cached_property
    def _commands(self) -> dict[str, tuple[str, ...]]:
        """Commands by script: some name every host, and every host needs them."""
        return {}

    def services_of(self, node: Node) -> tuple[str, ...]:
        """Return what should run on a host: the services of its roles that are not placed elsewhere."""
        excluded = self.excluded_services(node)
        return tuple(name for name in self.profile.services_of(node.roles) if name not in excluded)

    def excluded_services(self, node: Node) -> tuple[str, ...]:
        """Return the services that a host's roles bring and the stack declines or places elsewhere."""
        names = self.profile.services
        elsewhere = {getattr(names, key) for key in PLACED if node not in self.cluster.hosts_running(key)}
        return tuple(name for name in self.profile.services_of(node.roles) if name in elsewhere)

    def monit_roles(self, node: Node) -> tuple[str, ...]:
        """Return what monit_init.sh calls a host's roles; raises ProfileError where the profile knows no name."""
        unknown = [role for role in node.roles if not self.profile.roles[role]]
        if unknown:
            raise ProfileError(
                f"deephaven:cluster.services.{role}: {node.key} has not the role infra, and no monit role is known that"
                f" brings this service alone; name a host with the role infra, or set release.overrides.roles.{role}"
                for role in unknown
            )
        return tuple(self.profile.roles[role] or "" for role in node.roles)
