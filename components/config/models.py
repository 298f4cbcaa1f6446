"""The models of the stack's one configuration object, checked once by the loader.

Shape and single values are checked here by pydantic; what concerns the whole cluster is checked in `checks`.
Its terms come from the guide's chapter "Planning the Installation".
"""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    SecretStr,
    StringConstraints,
    Tag,
    model_validator,
)

from components.config.certificate import Certificate
from components.config.fields import (
    Address,
    IpAddress,
    KnownHostsPath,
    Model,
    RelativePath,
    in_one_line,
    or_secure,
)
from components.config.requirements import Facts, FactsSwitch, Load, Reason, Requirements

HostKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,29}$")]
Fqdn = Annotated[
    str,
    StringConstraints(
        max_length=253, pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"
    ),
]
Account = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_-]{0,31}$")]
Port = Annotated[int, Field(ge=1, le=65535)]
# A column of fstab, which is a word of mount too.
FstabField = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:/=,@%+~\[\]][A-Za-z0-9._:/=,@%+~\[\]-]*$")]
# No part of the path is only dots: `..` would lead out of it, `.` would give one directory two names.
MountPath = Annotated[str, StringConstraints(pattern=r"^(/\.{0,2}[A-Za-z0-9_-][A-Za-z0-9._-]*)+$")]
# Brackets are for IPv6 hosts; elsewhere curl would expand them. An @ would hold an account.
Url = Annotated[
    str,
    StringConstraints(
        pattern=r"^https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._~:/?#!&()*+,;=%-]*)?$"
    ),
]
AccountId = Annotated[int, Field(ge=1, le=65533)]
Role = Literal["infra", "dis", "batch", "query"]
# Findings of `components.safety` that a stack may permit; the others have no safe way, or a key on the host.
Overridable = Literal["downgrade", "last-of-kind", "acl-database", "manifest"]


class Rpm(Model):
    """Where the product's RPM comes from: exactly one of file, url with sha256, and package."""

    file: RelativePath | None = Field(default=None, description="the RPM's path, relative to the project; it is copied")
    url: Url | None = Field(default=None, description="where every host fetches it, without an account in it")
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        default=None, description="of what the url gives: what sha256sum prints"
    )
    package: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")] | None = Field(
        default=None, description="the package's name in a repository that the hosts know"
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        sources = [source for source in (self.file, self.url, self.package) if source]
        if len(sources) != 1 or (self.url is None) != (self.sha256 is None):
            raise ValueError("write one of {file: PATH}, {url: URL, sha256: DIGEST} and {package: NAME}")
        return self


class Release(Model):
    """Which Deephaven release and build the cluster runs."""

    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}\.[0-9]{8}$")] = Field(
        description='the release, quoted: "1.20200121"'
    )
    build: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")] = Field(description='the build, quoted: "008"')
    rpm: Rpm
    overrides: dict[str, Any] = Field(default={}, description="keys of the release profile that this stack overrides")


class Bastion(Model):
    """The one host that the operator can reach, and that reaches all others."""

    host: Address = Field(description="its name or address")
    user: Account | None = Field(default=None, description="default: that of ssh")
    port: Port = 22


class Ssh(Model):
    """How the operator reaches the hosts: authentication is by the ssh-agent, host keys are pinned from known_hosts."""

    user: Account
    port: Port = 22
    bastion: Bastion | None = None
    known_hosts: KnownHostsPath | None = Field(
        default=None, description="default: $DEEPHAVEN_KNOWN_HOSTS, else ~/.ssh/known_hosts; relative to the project"
    )


class HostSsh(Model):
    """What differs for one host."""

    address: Address | None = Field(default=None, description="where ssh connects; default: the fqdn")
    user: Account | None = None
    port: Port | None = None


class Mount(Model):
    """A file system that hosts mount and keep in fstab; nothing is ever formatted."""

    source: FstabField = Field(description="as fstab has it: server:/export, UUID=..., or a directory to bind")
    path: MountPath
    type: FstabField = Field(description="as fstab has it: nfs, xfs, none ...")
    options: FstabField = Field(default="defaults", description="as fstab has them")


class AccountIds(Model):
    """The fixed ids of an account of the product, made before the RPM would make it."""

    uid: AccountId
    gid: AccountId


class Host(Model):
    """One server of the cluster."""

    fqdn: Fqdn = Field(description="fully qualified, lower case; certificates and properties contain it")
    ip: IpAddress | None = Field(default=None, description="needed on etcd members: the guide registers addresses")
    roles: list[Role] = Field(default=[], description="the guide's monit roles, classic-<role>")
    os: Literal["centos", "opensuse"] = Field(default="centos", description="centos means CentOS or RHEL")
    ssh: HostSsh = HostSsh()
    mounts: list[Mount] = Field(default=[], description="added to those of all hosts; the same path overrides theirs")
    replace: bool = Field(default=False, description="true: reinstall the host although it held state of the cluster")
    retire: bool = Field(default=False, description="true: it holds state and may be removed by the next update")
    lost: bool = Field(default=False, description="true: it is permanently lost; nothing connects to it")


class Override(Model):
    """A safety finding that this stack permits, and why."""

    refusal: Overridable
    host: HostKey | None = Field(
        default=None, description="the host whose manifest is meant; only for the refusal `manifest`"
    )
    reason: Reason = Field(description="reported by the policy pack")

    @model_validator(mode="after")
    def _names_a_host(self) -> Self:
        if (self.host is None) == (self.refusal == "manifest"):
            raise ValueError("write {refusal: manifest, host: KEY, reason: WHY}; other refusals take no host")
        return self


class YamlFile(Model):
    """A YAML document in a file of the operator's, which is used as it is written."""

    file: RelativePath = Field(description="the file's path, relative to the project")


class ExternalDatabase(Model):
    """A MySQL-compatible server outside of the cluster that holds the ACL database (guide, step 17)."""

    host: Fqdn = Field(description="its name as every authentication server resolves it")
    user: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,31}$")] = Field(
        description="an account that may create databases and accounts"
    )
    password: Annotated[SecretStr, AfterValidator(in_one_line)] = Field(
        min_length=1, description="set it with pulumi config set --secret --path", json_schema_extra=or_secure
    )


def _database_kind(value: object) -> str:
    return "host" if isinstance(value, str) else "outside"


class Services(Model):
    """Where the services run that no role implies; what is left out goes where the guide puts it."""

    web_api: HostKey | None = Field(default=None, description="default: the first host with role infra")
    controller: HostKey | None = Field(default=None, description="default: the first host with role infra")
    cus: HostKey | Literal[False] | None = Field(
        default=None, description="Client Update Service; default: the first host with role infra; false: none"
    )
    acl_database: (
        Annotated[
            Annotated[HostKey, Tag("host")] | Annotated[ExternalDatabase, Tag("outside")], Discriminator(_database_kind)
        ]
        | None
    ) = Field(default=None, description="MariaDB's host, or a server outside; default: the first authentication server")
    table_appender: HostKey | None = Field(
        default=None, description="Remote Table Appender; default: the first host with role dis"
    )
    tdcp: list[HostKey] = Field(default=[], description="hosts with a Table Data Cache Proxy; default: none")
    example_data: HostKey | None = Field(
        default=None, description="where LearnDeephaven is installed; default: nowhere"
    )


class Passwords(Model):
    """The passwords that this program makes: monit's, and of the account in an ACL database outside of the cluster."""

    generation: int = Field(default=1, ge=1, description="increment it to rotate all of them with the next update")


class ClusterConfig(Model):
    """One Deephaven cluster: the value of `deephaven:cluster` in a stack file."""

    environment: Literal["test", "production"]
    release: Release
    ssh: Ssh
    certificate: Certificate = Field(discriminator="kind", description="the web certificate")
    hosts: dict[HostKey, Host] = Field(min_length=1)
    etcd: list[HostKey] = Field(description="members in order: the first runs config_generator, positions are ordinals")
    config_servers: list[HostKey] = Field(min_length=1, description="in order: iris_keygen runs on the first")
    auth_servers: list[HostKey] = Field(min_length=1, description="in order: the first holds the ACL database")
    services: Services = Services()
    routing: YamlFile | None = Field(default=None, description="the data routing; default: the vendor's, of one DIS")
    mounts: list[Mount] = Field(default=[], description="what every host mounts")
    accounts: dict[Account, AccountIds] = Field(default={}, description="fixed ids of the product's accounts, by name")
    passwords: Passwords = Passwords()
    allow: list[Override] = Field(default=[], description="changes that are refused unless the stack permits them")
    protect: bool | None = Field(
        default=None, description="whether Pulumi refuses to delete hosts with state; default: in production"
    )
    facts: FactsSwitch = Field(default=Facts(), description="off: no host is read beforehand")
    requirements: Requirements = Field(default=Requirements(), description="checks with other thresholds, or ignored")
    load: Load = Load()
