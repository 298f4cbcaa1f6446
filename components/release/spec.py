"""The resolved deployment spec: a cluster with its release profile, from which planners plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from components.config.models import AccountIds
from components.errors import ProfileError
from components.release.arguments import Inventory, fill
from components.release.model import Profile, System
from components.topology.cluster import Cluster, Node

PLACED = ("config", "auth", "web_api", "controller", "cus")  # services that run where the stack places them


@dataclass(frozen=True)
class DeploymentSpec:
    """A cluster with its release profile, resolved; `routing` is the stack's own routing document.

    `certificate` identifies the web certificate. It and `generation`, of the generated passwords, are inputs of the
    steps that use these secrets, so that a receipt shows which ones its run had.
    """

    cluster: Cluster
    profile: Profile
    routing: str | None = None
    certificate: str = ""

    @cached_property
    def inventory(self) -> Inventory:
        """The variables of argument templates by group; raises ProfileError if the CUS's system lacks a vendor name."""
        inventory = self.cluster.inventory()
        return {
            **inventory,
            "cus": [{**variables, "environment": self._environment()} for variables in inventory["cus"]],
        }

    @property
    def generation(self) -> str:
        """The generation of the generated passwords."""
        return str(self.cluster.config.passwords.generation)

    def system(self, node: Node) -> System:
        """Return the profile of a host's operating system."""
        return self.profile.systems[node.os]

    def _environment(self) -> str:
        node = self.cluster.cus
        environment = self.system(node).environment if node else ""
        if node and not environment:
            raise ProfileError(
                f"deephaven:cluster.hosts.{cus.key}.os: the guide does not define cus_init.sh --environment for"
                f" {cus.os}; set release.overrides.systems.{cus.os}.environment, or run the CUS on another host"
                for cus in self.cluster.hosts_running("cus")
            )
        return environment or ""

    @property
    def product_package(self) -> str:
        """The product's package: the one that the stack installs from a repository, else the one inside the RPM."""
        return self.cluster.config.release.rpm.package or self.profile.product.package

    @property
    def accounts(self) -> Mapping[str, AccountIds]:
        """The ids of the product's accounts that the stack fixes, in the profile's order; raises ProfileError."""
        fixed, names = self.cluster.config.accounts, self.profile.accounts.names
        unknown = [name for name in fixed if name not in names]
        if unknown:
            raise ProfileError(
                f"deephaven:cluster.accounts.{name}: unknown account of the product; use one of {', '.join(names)}"
                for name in unknown
            )
        return {name: fixed[name] for name in names if name in fixed}

    @property
    def file_owners(self) -> tuple[str, ...]:
        """The accounts that may own a transferred file of the product."""
        return ("root", *self.profile.accounts.names)

    def hosts_in(self, group: str) -> tuple[Node, ...]:
        """Return the hosts of an inventory group, or `every` host; raises ProfileError."""
        if group == "every":
            return tuple(self.cluster.nodes.values())
        if group not in self.inventory:
            groups = ", ".join(sorted(self.inventory.keys() - {"release"}))
            raise ProfileError([f"release profile: unknown group {group!r}; use one of every, {groups}"])
        # an external ACL database is not a host of the cluster and lacks a key
        return tuple(self.cluster.nodes[host["key"]] for host in self.inventory[group] if "key" in host)

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
        """Commands by script, as a cache: some list every host, and every host needs them."""
        return {}

    def services_of(self, node: Node) -> tuple[str, ...]:
        """Return the services that run on a host: those of its roles that are not placed elsewhere."""
        excluded = self.excluded_services(node)
        return tuple(name for name in self.profile.services_of(node.roles) if name not in excluded)

    def excluded_services(self, node: Node) -> tuple[str, ...]:
        """Return the services of a host's roles that the stack declines or places elsewhere."""
        names = self.profile.services
        elsewhere = {getattr(names, key) for key in PLACED if node not in self.cluster.hosts_running(key)}
        return tuple(name for name in self.profile.services_of(node.roles) if name in elsewhere)

    def monit_roles(self, node: Node) -> tuple[str, ...]:
        """Return a host's roles as monit_init.sh names them; raises ProfileError where the profile has no name."""
        unknown = [role for role in node.roles if not self.profile.roles[role]]
        if unknown:
            raise ProfileError(
                f"deephaven:cluster.services.{role}: {node.key} lacks the role infra, and the profile has no monit role"
                " that starts only this service; name a host with the role infra, or set"
                f" release.overrides.roles.{role}"
                for role in unknown
            )
        return tuple(self.profile.roles[role] or "" for role in node.roles)
