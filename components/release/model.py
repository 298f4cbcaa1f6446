"""The models of a release profile: package names, paths, arguments, unit and service names, ports."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from components.config.units import Size
from components.errors import ProfileError
from components.release.arguments import Inventory, expand
from components.release.fields import (
    AbsolutePath,
    AccountName,
    Argument,
    Identifier,
    JavaVersion,
    Name,
    PackageName,
    PackageVersion,
    ReportedWords,
    VersionedPath,
    Word,
)

Port = Annotated[int, Field(ge=1, le=65535)]


class Model(BaseModel):
    """The base of all parts of a profile: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Product(Model):
    """The product's package."""

    package: PackageName
    release: PackageVersion
    java: JavaVersion


class OperatingSystem(Model):
    """A supported operating system: ID of os-release, and the lowest version, 0 for a rolling release."""

    id: Name
    version: int = 0


class System(Model):
    """One value of `os`: package names by role, supported systems, package manager, and its name for cus_init.sh."""

    packages: dict[str, list[Name]]
    known: list[OperatingSystem]
    install: list[Word] = Field(min_length=1)
    downgrade: list[Word] = Field(min_length=1)
    install_file: list[Word] = Field(min_length=1)
    downgrade_file: list[Word] = Field(min_length=1)
    environment: Name | None


class Script(Model):
    """A vendor command with its argument templates, and its time limit in seconds."""

    command: list[Argument] = Field(min_length=1)
    limit: int = Field(ge=1)


class Monit(Model):
    """Monit's control file, the directory that it includes, and its port."""

    control: AbsolutePath
    include: AbsolutePath
    port: Port


class Keystore(Model):
    """A PKCS12 keystore with the web certificate and its key, and the file with its passphrase in base64."""

    file: AbsolutePath
    passphrase: AbsolutePath
    alias: Name


class Installed(Model):
    """Where the vendor's scripts expect a web certificate, with which owner and mode, and what uses it.

    A renewed certificate is imported into the `keystores`. With `cus_again`, cus_init.sh runs again. Then the
    `services` restart.
    """

    crt: AbsolutePath
    key: AbsolutePath
    mode: Annotated[str, Field(pattern=r"^0[0-7]{3}$")]
    owner: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_-]*:[a-z_][a-z0-9_-]*$")]
    keystores: list[Keystore]
    cus_again: bool
    services: list[Name]


class ServiceLog(Model):
    """A service whose log directory has a different name than the service in monit."""

    service: Name
    directory: Name


class Services(Model):
    """Service names in monit, which role starts which, and where they log."""

    config: Name
    auth: Name
    web_api: Name
    controller: Name
    cus: Name
    by_role: dict[str, list[Name]]
    logs: list[ServiceLog]
    quoted: int = Field(ge=0, le=10)


class Acl(Model):
    """The ACL database on an external server."""

    database: Identifier
    account: Identifier
    owner: Identifier
    sql: list[VersionedPath] = Field(min_length=1)


class Routing(Model):
    """The host on which data routing is set, and the file that this writes."""

    at: Literal["primary", "dis"]
    file: AbsolutePath


class RestartOnChange(Model):
    """Which services must restart to pick up a change, by what changes."""

    endpoints: list[Name]
    servers: list[Name]
    routing: list[Name]
    passwords: list[Name]

    def of(self, service: str) -> list[str]:
        """Return the changes after which a service must restart, in the order of these fields."""
        return [change for change in type(self).model_fields if service in getattr(self, change)]


class Archives(Model):
    """Where the vendor's scripts write and read their archives, and the account that owns the written ones."""

    etcd: AbsolutePath
    auth: AbsolutePath
    owner: AccountName


class Web(Model):
    """The port and the path of the Web API Service."""

    port: Port
    path: AbsolutePath


class Memory(Model):
    """RAM of a host: the minimum, the preferred size, and what each user and persistent query adds on query hosts."""

    minimum: Size
    preferred: Size
    per_load: Size


class Listener(Model):
    """A port: which hosts listen on it, and which hosts must reach it, by inventory group."""

    port: Port
    hosts: Name
    reached_from: list[Name]


class Storage(Model):
    """A directory: which hosts need it, on what kind of file system, with how much free space."""

    path: AbsolutePath
    hosts: list[Name]
    kind: Literal["local", "shared", "any"]
    free: Size


class Accounts(Model):
    """The accounts that the product's RPM creates."""

    names: list[Name]
    home: AbsolutePath
    shell: AbsolutePath


class Profile(Model):
    """Everything vendor-specific: package names, paths, arguments, unit and service names, ports."""

    product: Product
    systems: dict[str, System]
    connector: list[AbsolutePath] = Field(min_length=1)
    units: dict[str, Name]
    monit: Monit
    paths: dict[str, AbsolutePath]
    archives: Archives
    certificate: Installed
    etcd_files: dict[str, Name]
    endpoints_report: ReportedWords
    scripts: dict[str, Script]
    roles: dict[str, Name | None]
    services: Services
    acl: Acl
    routing: Routing
    restart_on_change: RestartOnChange
    web: Web
    architecture: Name
    memory: Memory
    ports: list[Listener]
    storage: list[Storage]
    accounts: Accounts
    deadline: int = Field(ge=1, description="seconds until all services are OK")

    def command(self, script: str, inventory: Inventory) -> tuple[str, ...]:
        """Return a vendor command with its arguments filled in; raises ProfileError that names the script."""
        try:
            return expand(self.scripts[script].command, inventory)
        except ProfileError as error:
            where = f"release profile, scripts.{script}.command"
            raise ProfileError(f"{where}: {finding}" for finding in error.findings) from None

    def limit(self, script: str) -> int:
        """Return the time limit of a vendor command in seconds."""
        return self.scripts[script].limit

    def services_of(self, roles: tuple[str, ...]) -> tuple[str, ...]:
        """Return the monit names of the services on a host with these roles, each once, in the profile's order."""
        return tuple(dict.fromkeys(name for role in roles for name in self.services.by_role[role]))
