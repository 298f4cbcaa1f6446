"""How hosts are read and checked: other thresholds and ignored checks, each with a reason."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from components.config.fields import Model
from components.config.units import Seconds, Size

Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=80, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
    ),
]


class Waiver(Model):
    """A check that this stack relaxes or ignores."""

    ignore: bool = Field(default=False, description="true: all findings are accepted")
    reason: Reason = Field(description="shown in the table of findings")

    @property
    def threshold(self) -> float | None:
        """The stack's own threshold, if it sets one."""
        return None

    @model_validator(mode="after")
    def _sets_something(self) -> Self:
        if not self.ignore and self.threshold is None:
            also = [name for name in ("minimum", "maximum") if name in type(self).model_fields]
            raise ValueError(f"set {' or '.join([*also, 'ignore: true'])}")
        return self


class AtLeastSize(Waiver):
    """A check with a configurable minimum size."""

    minimum: Size | None = None

    @property
    def threshold(self) -> float | None:
        """The smallest accepted size, in bytes."""
        return self.minimum


class AtLeastCount(Waiver):
    """A check with a configurable minimum number."""

    minimum: int | None = None

    @property
    def threshold(self) -> float | None:
        """The smallest accepted number."""
        return self.minimum


class AtMostSeconds(Waiver):
    """A check with a configurable maximum time."""

    maximum: Seconds | None = None

    @property
    def threshold(self) -> float | None:
        """The longest accepted time, in seconds."""
        return self.maximum


class Requirements(Model):
    """The preflight checks by name; the guide's thresholds apply unless a stack overrides them."""

    os: Waiver | None = Field(default=None, description="the operating system and its version")
    architecture: Waiver | None = Field(default=None, description="the processor's architecture")
    systemd: Waiver | None = Field(default=None, description="systemd is the init system")
    memory: AtLeastSize | None = Field(default=None, description="RAM, and RAM for the stack's load on query hosts")
    swap: Waiver | None = Field(default=None, description="no swap")
    open_files: AtLeastCount | None = Field(default=None, description="the limit of open files")
    storage: AtLeastSize | None = Field(default=None, description="free space in a host's directories")
    storage_kind: Waiver | None = Field(
        default=None, description="directly attached storage where the guide requires it"
    )
    shared_storage: Waiver | None = Field(default=None, description="the same file system on all hosts that need it")
    disk: AtLeastSize | None = Field(default=None, description="free space for the uploaded RPM")
    java: Waiver | None = Field(
        default=None, description="no Java yet, or the release's version, the same on all hosts"
    )
    clock: AtMostSeconds | None = Field(default=None, description="the difference between the hosts' clocks")
    names: Waiver | None = Field(default=None, description="names and addresses resolve the same way on every host")
    host_names: Waiver | None = Field(default=None, description="host names are unique")
    machine_id: Waiver | None = Field(default=None, description="machine-ids are unique")
    free_ports: Waiver | None = Field(default=None, description="ports are free before the installation")
    reachable_ports: Waiver | None = Field(default=None, description="ports are reachable from the hosts that use them")
    selinux: Waiver | None = Field(default=None, description="SELinux does not enforce")
    firewall: Waiver | None = Field(default=None, description="no firewall is active")
    accounts: Waiver | None = Field(default=None, description="the product's accounts have the same ids on all hosts")

    def of(self, check: str) -> Waiver | None:
        """Return the stack's setting of a check."""
        waiver: Waiver | None = getattr(self, check)
        return waiver


CHECKS = tuple(Requirements.model_fields)


class Load(Model):
    """How many the cluster serves at the same time; the guide requires 8 GiB for each on the query hosts."""

    users: Annotated[int, Field(ge=0)] = 0
    persistent_queries: Annotated[int, Field(ge=0)] = 0


class Facts(Model):
    """How hosts are read before anything is planned."""

    read: bool = True
    timeout: Annotated[int, Field(ge=1, le=300)] = Field(default=10, description="seconds per host")


def _switch(value: object) -> object:
    """Accept `facts: off` and `facts: on`, which YAML 1.1 reads as false and true."""
    if isinstance(value, bool) or value in ("off", "on"):
        return {"read": value in (True, "on")}
    return value


FactsSwitch = Annotated[
    Facts,
    BeforeValidator(_switch),
    WithJsonSchema({"anyOf": [{"enum": ["off", "on", False, True]}, Facts.model_json_schema()]}),
]
