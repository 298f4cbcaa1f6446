"""The models of a stack's configuration object, which the loader checks once.

pydantic checks types and single values here; `checks` checks the cluster as a whole. The terms are those of the guide's
chapter "Planning the Installation".
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
# A field of fstab, which is also an argument of mount.
FstabField = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:/=,@%+~\[\]][A-Za-z0-9._:/=,@%+~\[\]-]*$")]
# No component of the path is only dots: `..` would leave it, and `.` would give one directory two names.
MountPath = Annotated[str, StringConstraints(pattern=r"^(/\.{0,2}[A-Za-z0-9_-][A-Za-z0-9._-]*)+$")]
# Brackets are allowed around IPv6 addresses only: elsewhere curl would expand them. An @ could contain credentials.
Url = Annotated[
    str,
    StringConstraints(
        pattern=r"^https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._~:/?#!&()*+,;=%-]*)?$"
    ),
]
AccountId = Annotated[int, Field(ge=1, le=65533)]
Role = Literal["infra", "dis", "batch", "query"]
# Findings of `components.safety` that a stack may override; of the others, some have a key of a host instead.
Overridable = Literal["downgrade", "last-of-kind", "acl-database", "manifest"]


class Rpm(Model):
    """Where the product's RPM comes from: exactly one of file, url with sha256, and package."""

    file: RelativePath | None = Field(
        default=None, description="path of the RPM, relative to the project; each host gets a copy"
    )
    url: Url | None = Field(default=None, description="URL from which each host downloads it, without credentials")
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        default=None, description="SHA-256 of the file at url, as sha256sum prints it"
    )
    package: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")] | None = Field(
        default=None, description="the package's name in a repository that is configured on the hosts"
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        sources = [source for source in (self.file, self.url, self.package) if source]
        if len(sources) != 1 or (self.url is None) != (self.sha256 is None):
            raise ValueError("write one of {file: PATH}, {url: URL, sha256: DIGEST} or {package: NAME}")
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
    """The host through which the operator reaches all others."""

    host: Address = Field(description="its name or address")
    user: Account | None = Field(default=None, description="default: ssh.user")
    port: Port = 22


class Ssh(Model):
    """How the operator reaches the hosts: the ssh-agent authenticates, and host keys are pinned from known_hosts."""

    user: Account
    port: Port = 22
    bastion: Bastion | None = None
    known_hosts: KnownHostsPath | None = Field(
        default=None,
        description="path, relative to the project; default: $DEEPHAVEN_KNOWN_HOSTS, else ~/.ssh/known_hosts",
    )


class HostSsh(Model):
    """SSH settings of one host that differ from those of `ssh`."""

    address: Address | None = Field(default=None, description="where ssh connects; default: the fqdn")
    user: Account | None = None
    port: Port | None = None


class Mount(Model):
    """A file system that hosts mount and list in fstab; nothing is ever formatted."""

    source: FstabField = Field(description="as in fstab: server:/export, UUID=..., or a directory to bind")
    path: MountPath
    type: FstabField = Field(description="as in fstab: nfs, xfs, none ...")
    options: FstabField = Field(default="defaults", description="as in fstab")


class AccountIds(Model):
    """Fixed ids of a product account, which is created before the RPM would create it."""

    uid: AccountId
    gid: AccountId


class Host(Model):
    """One server of the cluster."""

    fqdn: Fqdn = Field(description="fully qualified, in lower case; certificates and properties contain it")
    ip: IpAddress | None = Field(default=None, description="required for etcd members: etcd registers them by address")
    roles: list[Role] = Field(default=[], description="the guide's monit roles, classic-<role>")
    os: Literal["centos", "opensuse"] = Field(default="centos", description="centos means CentOS or RHEL")
    ssh: HostSsh = HostSsh()
    mounts: list[Mount] = Field(
        default=[], description="in addition to those of all hosts; the same path overrides one"
    )
    replace: bool = Field(default=False, description="true: reinstall the host although it held state of the cluster")
    retire: bool = Field(default=False, description="true: the host holds state, and the next update may remove it")
    lost: bool = Field(default=False, description="true: the host is permanently lost; nothing connects to it")


class Override(Model):
    """A safety finding that this stack overrides, with the reason."""

    refusal: Overridable
    host: HostKey | None = Field(default=None, description="the host of the manifest; only for the refusal `manifest`")
    reason: Reason = Field(description="the policy pack reports it")

    @model_validator(mode="after")
    def _names_a_host(self) -> Self:
        if (self.host is None) == (self.refusal == "manifest"):
            raise ValueError(
                "write {refusal: manifest, host: KEY, reason: WHY}; only the refusal manifest takes a host"
            )
        return self


class YamlFile(Model):
    """A YAML document in a file on the operator's machine, which is used unchanged."""

    file: RelativePath = Field(description="the file's path, relative to the project")


class ExternalDatabase(Model):
    """An external MySQL-compatible server that holds the ACL database (guide, step 17)."""

    host: Fqdn = Field(description="its name, which every authentication server resolves")
    user: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,31}$")] = Field(
        description="an account that may create databases and accounts"
    )
    password: Annotated[SecretStr, AfterValidator(in_one_line)] = Field(
        min_length=1, description="set it with pulumi config set --secret --path", json_schema_extra=or_secure
    )


def _database_kind(value: object) -> str:
    return "host" if isinstance(value, str) else "external"


class Services(Model):
    """Where services run that no role implies; anything left out follows the guide's default placement."""

    web_api: HostKey | None = Field(default=None, description="default: the first host with role infra")
    controller: HostKey | None = Field(default=None, description="default: the first host with role infra")
    cus: HostKey | Literal[False] | None = Field(
        default=None, description="Client Update Service; default: the first host with role infra; false: none"
    )
    acl_database: (
        Annotated[
            Annotated[HostKey, Tag("host")] | Annotated[ExternalDatabase, Tag("external")],
            Discriminator(_database_kind),
        ]
        | None
    ) = Field(
        default=None, description="MariaDB's host, or an external server; default: the first authentication server"
    )
    table_appender: HostKey | None = Field(
        default=None, description="Remote Table Appender; default: the first host with role dis"
    )
    tdcp: list[HostKey] = Field(default=[], description="hosts with a Table Data Cache Proxy; default: none")
    example_data: HostKey | None = Field(
        default=None, description="host on which LearnDeephaven is installed; default: none"
    )


class Passwords(Model):
    """The generated passwords: monit's, and that of the services' account in an external ACL database."""

    generation: int = Field(default=1, ge=1, description="increment it to rotate them with the next update")


class ClusterConfig(Model):
    """One Deephaven cluster: the value of `deephaven:cluster` in a stack file."""

    environment: Literal["test", "production"]
    release: Release
    ssh: Ssh
    certificate: Certificate = Field(discriminator="kind", description="the web certificate")
    hosts: dict[HostKey, Host] = Field(min_length=1)
    etcd: list[HostKey] = Field(
        description="members in order: the first runs config_generator, a position is an ordinal"
    )
    config_servers: list[HostKey] = Field(min_length=1, description="in order: iris_keygen runs on the first")
    auth_servers: list[HostKey] = Field(
        min_length=1, description="in order: the first holds the ACL database by default"
    )
    services: Services = Services()
    routing: YamlFile | None = Field(default=None, description="the data routing; default: the vendor's, for one DIS")
    mounts: list[Mount] = Field(default=[], description="file systems that every host mounts")
    accounts: dict[Account, AccountIds] = Field(default={}, description="fixed ids of the product's accounts, by name")
    passwords: Passwords = Passwords()
    allow: list[Override] = Field(default=[], description="safety findings that this stack overrides")
    protect: bool | None = Field(
        default=None, description="whether Pulumi refuses to delete hosts with state; default: true in production"
    )
    facts: FactsSwitch = Field(default=Facts(), description="off: hosts are not read before an update")
    requirements: Requirements = Field(
        default=Requirements(), description="preflight checks with other thresholds, or ignored"
    )
    load: Load = Load()
