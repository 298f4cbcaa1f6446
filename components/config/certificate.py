"""The web certificate in a stack file (guide: Certificate Requirements)."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from components.config.fields import Model, RelativePath, or_secure

# Company names have letters of any language and apostrophes. Control and invisible formatting characters, line
# separators, double quotes, backslashes, backticks and $ are refused. The value becomes part of certificates only and
# never of a command. The ranges are spelled out because some editors that check the schema do not support \p{...}.
_CONTROL = r"\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
_EXCLUDED = rf"""{_CONTROL}"`\\$"""
Organization = Annotated[str, StringConstraints(pattern=rf"^[^{_EXCLUDED}\s-][^{_EXCLUDED}]{{0,63}}$")]


class PemFile(Model):
    """PEM text in a file on the operator's machine."""

    file: RelativePath = Field(description="the file's path, relative to the project")


class SelfSigned(Model):
    """The vendor's own certificate, for tests and demonstrations."""

    kind: Literal["self-signed"]


class PrivateCa(Model):
    """A certificate of a private authority that this stack creates."""

    kind: Literal["private-ca"]
    organization: Organization = Field(default="Deephaven", description="the organization in both certificates")
    key_type: Literal["ecdsa-p256", "ecdsa-p384", "rsa-2048", "rsa-4096"] = Field(
        default="ecdsa-p256", description="type of both keys, the authority's and the hosts'"
    )
    validity_days: int = Field(default=365, ge=2, le=825, description="validity of the hosts' certificate, at most 825")
    renewal_days: int = Field(default=30, ge=1, description="an update renews the certificate when fewer days are left")
    ca_validity_days: int = Field(default=3650, ge=3, description="validity of the authority's own certificate")


class Provided(Model):
    """A certificate that the operator provides; each part is PEM text or {file: PATH}."""

    kind: Literal["provided"]
    crt: str | PemFile = Field(
        description="the complete chain: the hosts' certificate, intermediates, the root", json_schema_extra=or_secure
    )
    key: str | PemFile = Field(
        repr=False,
        description="the private key, without a passphrase; as text, only as a secret",
        json_schema_extra=or_secure,
    )
    root: str | PemFile | None = Field(
        default=None, description="the root certificate, if crt does not contain it", json_schema_extra=or_secure
    )
    minimum_days: int = Field(default=14, ge=0, description="the update is refused when fewer days are left")


# The web certificate (guide: Certificate Requirements).
Certificate = SelfSigned | PrivateCa | Provided
