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
    """ID of os-release, and the lowest version; no version where there is but one."""

    id: Name
    version: int = 0


class System(Model):
    """An operating system: package names by role, its names in os-release and for the CUS, how it installs."""

    packages: dict[str, list[Name]]
    known: list[OperatingSystem]
    install: list[Word] = Field(min_length=1)
    downgrade: list[Word] = Field(min_length=1)
    install_file: list[Word] = Field(min_length=1)
    downgrade_file: list[Word] = Field(min_length=1)
    environment: Name | None


class Script(Model):
    """A command of the vendor's with its arguments, and the seconds after which it is ended."""

    command: list[Argument] = Field(min_length=1)
    limit: int = Field(ge=1)


class Monit(Model):
    """Where monit's control file is, and the directory it includes."""

    control: AbsolutePath
    include: AbsolutePath
    port: Port


class Keystore(Model):
    """A PKCS12 store that holds the web certificate and its key, and the file with its passphrase in base64."""

    file: AbsolutePath
    passphrase: AbsolutePath
    alias: Name


class Installed(Model):
    """Where the vendor's scripts look for a web certificate, as whose, and what uses it from where.

    A renewed one is put into the `keystores`; with `cus_again` cus_init.sh is run again; the `services` are restarted.
    """

    crt: AbsolutePath
    key: AbsolutePath
    mode: Annotated[str, Field(pattern=r"^0[0-7]{3}$")]
    owner: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_-]*:[a-z_][a-z0-9_-]*$")]
    keystores: list[Keystore]
    cus_again: bool
    services: list[Name]


class ServiceLog(Model):
    """A service whose directory of logs is not called as the service is in monit."""

    service: Name
    directory: Name


class Services(Model):
    """The services' names in monit, which role starts which, and where they log."""

    config: Name
    auth: Name
    web_api: Name
    controller: Name
    cus: Name
    by_role: dict[str, list[Name]]
    logs: list[ServiceLog]
    quoted: int = Field(ge=0, le=10)


class Acl(Model):
    """The ACL database on a server outside of the cluster."""

    database: Identifier
    account: Identifier
    owner: Identifier
    sql: list[VersionedPath] = Field(min_length=1)


class Routing(Model):
    """Where data routing is set, and the file that this writes."""

    at: Literal["primary", "dis"]
    file: AbsolutePath


class RestartOnChange(Model):
    """Which services read something only at their start, by what it is."""

    endpoints: list[Name]
    servers: list[Name]
    routing: list[Name]
    passwords: list[Name]

    def of(self, service: str) -> list[str]:
        """Return what a service reads at its start, in the order of these fields."""
        return [what for what in type(self).model_fields if service in getattr(self, what)]


class Archives(Model):
    """Where the vendor's scripts leave their archives and look for them, and the account that owns those they leave."""

    etcd: AbsolutePath
    auth: AbsolutePath
    owner: AccountName


class Web(Model):
    """Where the Web API Service answers."""

    port: Port
    path: AbsolutePath


class Memory(Model):
    """RAM of a host: the least, what is preferred, and what each user and persistent query adds to query hosts."""

    minimum: Size
    preferred: Size
    per_load: Size


class Listener(Model):
    """A port: which hosts listen on it, and from which others it must be reached, by inventory groups."""

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
    """The accounts that the product's RPM makes."""

    names: list[Name]
    home: AbsolutePath
    shell: AbsolutePath


class Profile(Model):
    """Everything that is the vendor's: package names, paths, arguments, unit and service names, ports."""

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
        """Return the seconds that a vendor command may take."""
        return self.scripts[script].limit

    def services_of(self, roles: tuple[str, ...]) -> tuple[str, ...]:
        """Return the monit names of what a host with these roles runs, each once, in the profile's order."""
        return tuple(dict.fromkeys(name for role in roles for name in self.services.by_role[role]))
