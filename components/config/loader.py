"""Loads a stack's configuration: returns a checked model, or reports all findings at once."""

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
FILE = "{file: PATH}, a path relative to the project without spaces or quotes"

# Remedies by the last name of the key path: pydantic's own message would show a regular expression.
REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "address": "write a name, an IPv4 address, or an IPv6 address without brackets",
        "allow": "write a list, like [{refusal: downgrade, reason: WHY}]",
        "bastion": "write at least {host: NAME}",
        "build": 'write the three digits of the build as a quoted string, like "008"',
        "certificate": "write {kind: self-signed}, {kind: private-ca} or {kind: provided, crt: ..., key: ...}",
        "crt": f"provide the chain as PEM text or as {FILE}",
        "cus": "name a host, or write false to install none",
        "environment": "write test or production",
        "facts": "write off, or {timeout: SECONDS}",
        "file": "write a path relative to the project, with only letters, digits and . _ + , = @ % : ~ -",
        "fqdn": "write the fully qualified name in lower case, like infra.example.com",
        "gid": "write an id from 1 to 65533",
        "host": "write a fully qualified name; for a bastion, an address works too; for a refusal, write a host key",
        "ip": "write an address, like 10.0.0.11",
        "key": f"provide the private key as PEM text, set with pulumi config set --secret, or as {FILE}",
        "known_hosts": "write a path, like ~/.ssh/known_hosts, without quotes, backslashes or $",
        "kind": "write self-signed, private-ca or provided",
        "mounts": "write a list, like [{source: server:/export, path: /db/Systems, type: nfs}]",
        "options": "write mount options as in fstab, like defaults,_netdev, without spaces, quotes or $",
        "organization": 'write a name of at most 64 characters, without control characters or any of "`\\$',
        "os": "write centos (also for RHEL) or opensuse",
        "package": "write a package name, like illumon-db",
        "password": "set it with pulumi config set --secret --path deephaven:cluster.services.acl_database.password,"
        " on one line without control characters",
        "path": "write an absolute path, not /, with only letters, digits, dots, dashes and underscores,"
        " without . and ..",
        "persistent_queries": "write how many run at the same time",
        "port": "write a port from 1 to 65535",
        "reason": "give the reason in a few words",
        "refusal": f"write one of {', '.join(get_args(Overridable))}",
        "requirements.*": f"use one of {', '.join(CHECKS)}",
        "root": f"provide the root certificate as PEM text or as {FILE}",
        "sha256": "write the 64 hexadecimal digits that sha256sum prints",
        "source": "write the source as in fstab, like server:/export, without spaces, quotes or $",
        "url": "write an https URL without credentials, spaces, quotes or $",
        "ssh": "write at least {user: NAME}",
        "timeout": "write whole seconds from 1 to 300",
        "type": "write a file system type, like nfs, or none with options: bind",
        "uid": "write an id from 1 to 65533",
        "user": "write an account name, like centos",
        "users": "write how many work at the same time",
        "version": 'write the release as a quoted string, like "1.20200121"',
    }
)
CERTIFICATE = ("certificate",)
WORDING = Wording(
    root=ROOT,
    remedies=REMEDIES,
    secret=(
        *((*CERTIFICATE, part) for part in ("crt", "key", "root")),
        ("services", "acl_database", "password"),
        ("release", "rpm", "url"),
    ),
    tagged=(CERTIFICATE, ("services", "acl_database")),
)


def load_config(raw: object) -> ClusterConfig:
    """Check the configuration object and return it as models.

    Raises ConfigurationError with one line for each finding: key path, offending value, remedy.
    """
    if not isinstance(raw, Mapping):
        raise ConfigurationError(
            [f"{ROOT}: is not a mapping; write one with hosts, etcd, release, ssh ..., as in stacks/"]
        )
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
    """Return one line for each deviation from the guide in an accepted configuration."""
    return [f"{ROOT}.{line}" for line in checks.warnings(raw)] if isinstance(raw, Mapping) else []
