"""How a stack reads and checks hosts: other thresholds, or ignored checks, each with a reason."""

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
    """A check that this stack leaves aside."""

    ignore: bool = Field(default=False, description="true: whatever it finds is accepted")
    reason: Reason = Field(description="shown in the table of findings")

    @property
    def threshold(self) -> float | None:
        """The stack's own threshold, if it sets one."""
        return None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.ignore and self.threshold is None:
            also = [name for name in ("minimum", "maximum") if name in type(self).model_fields]
            raise ValueError(f"set {' or '.join([*also, 'ignore: true'])}")
        return self


class AtLeastSize(Waiver):
    """A check with a size that may be set."""

    minimum: Size | None = None

    @property
    def threshold(self) -> float | None:
        """The smallest size that is accepted, in bytes."""
        return self.minimum


class AtLeastCount(Waiver):
    """A check with a number that may be set."""

    minimum: int | None = None

    @property
    def threshold(self) -> float | None:
        """The smallest number that is accepted."""
        return self.minimum


class AtMostSeconds(Waiver):
    """A check with a time that may be set."""

    maximum: Seconds | None = None

    @property
    def threshold(self) -> float | None:
        """The longest time that is accepted, in seconds."""
        return self.maximum


class Requirements(Model):
    """The checks of hosts by name; the guide's thresholds apply unless a stack overrides them."""

    os: Waiver | None = Field(default=None, description="the operating system and its version")
    architecture: Waiver | None = Field(default=None, description="the processor's architecture")
    systemd: Waiver | None = Field(default=None, description="systemd is the init system")
    memory: AtLeastSize | None = Field(default=None, description="RAM, and RAM for the stack's load on query hosts")
    swap: Waiver | None = Field(default=None, description="no swap")
    open_files: AtLeastCount | None = Field(default=None, description="the limit of open files")
    storage: AtLeastSize | None = Field(default=None, description="free space in a host's directories")
    storage_kind: Waiver | None = Field(default=None, description="directly attached storage where the guide wants it")
    shared_storage: Waiver | None = Field(default=None, description="one file system on all hosts that need it")
    disk: AtLeastSize | None = Field(default=None, description="free space for the copied RPM")
    java: Waiver | None = Field(default=None, description="Java absent or of the release's version, equal everywhere")
    clock: AtMostSeconds | None = Field(default=None, description="how far the hosts' clocks are apart")
    names: Waiver | None = Field(default=None, description="names and addresses resolve alike on every host")
    host_names: Waiver | None = Field(default=None, description="host names are unique")
    machine_id: Waiver | None = Field(default=None, description="machine-ids are unique")
    free_ports: Waiver | None = Field(default=None, description="ports are free before the installation")
    reachable_ports: Waiver | None = Field(default=None, description="ports can be reached from where they are needed")
    selinux: Waiver | None = Field(default=None, description="SELinux does not enforce")
    firewall: Waiver | None = Field(default=None, description="no firewall is active")
    accounts: Waiver | None = Field(default=None, description="the product's accounts have equal ids on all hosts")

    def of(self, check: str) -> Waiver | None:
        """Return the stack's setting of a check."""
        found: Waiver | None = getattr(self, check)
        return found


CHECKS = tuple(Requirements.model_fields)


class Load(Model):
    """How many the cluster serves at once; the guide wants 8 GiB for each on the query hosts."""

    users: Annotated[int, Field(ge=0)] = 0
    persistent_queries: Annotated[int, Field(ge=0)] = 0


class Facts(Model):
    """How hosts are read before anything is planned."""

    read: bool = True
    timeout: Annotated[int, Field(ge=1, le=300)] = Field(default=10, description="seconds for one host")


def _switch(value: object) -> object:
    """Take `facts: off` and `facts: on`, which YAML 1.1 reads as false and true."""
    if isinstance(value, bool) or value in ("off", "on"):
        return {"read": value in (True, "on")}
    return value


FactsSwitch = Annotated[
    Facts,
    BeforeValidator(_switch),
    WithJsonSchema({"anyOf": [{"enum": ["off", "on", False, True]}, Facts.model_json_schema()]}),
]
