"""Loads a stack's configuration: returns a checked model, or reports every finding at once."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args

from pydantic import ValidationError

from components.config import checks
from components.config.messages import Wording, lines
from components.config.models import ClusterConfig, Overridable
from components.config.requirements import CHECKS
from components.errors import ConfigurationError

ROOT = "deephaven:cluster"
FILE = "{file: PATH}, a path relative to the project without blanks and quotes"

# Remedies by the last name of the key path; a regular expression would not help an operator.
RIGHT: Mapping[str, str] = MappingProxyType(
    {
        "address": "write a name, an IPv4 address, or an IPv6 address without brackets",
        "allow": "write a list, like [{refusal: downgrade, reason: WHY}]",
        "bastion": "write at least {host: NAME}",
        "build": 'write the three digits of the build as a quoted text, like "008"',
        "certificate": "write {kind: self-signed}, {kind: private-ca} or {kind: provided, crt: ..., key: ...}",
        "crt": f"give the chain as PEM text or as {FILE}",
        "cus": "name a host, or write false for none",
        "environment": "write test or production",
        "facts": "write off, or {timeout: SECONDS}",
        "file": "write a path relative to the project, of letters, digits and . _ + , = @ % : ~ -",
        "fqdn": "write the full lower-case name, like infra.example.com",
        "gid": "write an id from 1 to 65533",
        "host": "write a full name; a bastion may have an address, a refusal takes the key of a host",
        "ip": "write one address, like 10.0.0.11",
        "key": f"give the private key as PEM text, set by pulumi config set --secret, or as {FILE}",
        "known_hosts": "write a path, like ~/.ssh/known_hosts, without quotes, backslashes and $",
        "kind": "write self-signed, private-ca or provided",
        "mounts": "write a list, like [{source: server:/export, path: /db/Systems, type: nfs}]",
        "options": "write them as fstab has them, like defaults,_netdev, without blanks, quotes and $",
        "organization": 'write a name of at most 64 characters, without control characters and any of "`\\$',
        "os": "write centos (also for RHEL) or opensuse",
        "package": "write the package's name, like illumon-db",
        "password": "set it by pulumi config set --secret --path deephaven:cluster.services.acl_database.password,"
        " in one line without control characters",
        "path": "write an absolute path of letters, digits, dots, dashes and underscores, not /, with no part . or ..",
        "persistent_queries": "write how many run at once",
        "port": "write a port from 1 to 65535",
        "reason": "give the reason in a few words",
        "refusal": f"write one of {', '.join(get_args(Overridable))}",
        "requirements.*": f"use one of {', '.join(CHECKS)}",
        "root": f"give the root certificate as PEM text or as {FILE}",
        "sha256": "write the 64 hexadecimal digits that sha256sum prints",
        "source": "write it as fstab has it, like server:/export, without blanks, quotes and $",
        "url": "write an https address without an account, blanks, quotes and $ in it",
        "ssh": "write at least {user: NAME}",
        "timeout": "write whole seconds from 1 to 300",
        "type": "write a file system's type, like nfs, or none with options: bind",
        "uid": "write an id from 1 to 65533",
        "user": "write an account name, like centos",
        "users": "write how many work at once",
        "version": 'write the release as a quoted text, like "1.20200121"',
    }
)
CERTIFICATE = ("certificate",)
WORDING = Wording(
    root=ROOT,
    right=RIGHT,
    kind="configuration",
    secret=(
        *((*CERTIFICATE, part) for part in ("crt", "key", "root")),
        ("services", "acl_database", "password"),
        ("release", "rpm", "url"),
    ),
    tagged=(CERTIFICATE, ("services", "acl_database")),
)


def load_config(raw: object) -> ClusterConfig:
    """Check the configuration object and return it as models.

    Raises ConfigurationError with one line for each finding: key path, offending value, what would be right.
    """
    if not isinstance(raw, Mapping):
        raise ConfigurationError([f"{ROOT}: is not a mapping; write hosts, etcd, release, ssh ..., as in stacks/"])
    findings: list[str] = []
    config = None
    try:
        config = ClusterConfig.model_validate(raw)
    except ValidationError as error:
        findings += lines(error, WORDING)
    findings += [f"{ROOT}.{finding}" for finding in checks.check(raw)]
    if config is None or findings:
        raise ConfigurationError(findings)
    return config


def warnings(raw: object) -> list[str]:
    """Return a line for each thing of an accepted configuration that the guide advises against."""
    return [f"{ROOT}.{line}" for line in checks.warnings(raw)] if isinstance(raw, Mapping) else []
