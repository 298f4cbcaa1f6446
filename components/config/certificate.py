"""The web certificate in a stack file (guide: Certificate Requirements)."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from components.config.fields import Model, RelativePath, or_secure

# Letters of any language and the apostrophe that names of companies have; no control or invisible formatting character,
# line separator, double quote, backslash, backtick, $. It is part of certificates only, never of a command.
# The ranges are spelled out because editors that check the schema do not all know \p{...}.
_CONTROL = r"\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
_EXCLUDED = rf"""{_CONTROL}"`\\$"""
Organization = Annotated[str, StringConstraints(pattern=rf"^[^{_EXCLUDED}\s-][^{_EXCLUDED}]{{0,63}}$")]


class PemFile(Model):
    """PEM text in a file of the operator's."""

    file: RelativePath = Field(description="the file's path, relative to the project")


class SelfSigned(Model):
    """The vendor's own certificate, for tests and demonstrations."""

    kind: Literal["self-signed"]


class PrivateCa(Model):
    """A certificate of an authority that this stack makes and keeps."""

    kind: Literal["private-ca"]
    organization: Organization = Field(default="Deephaven", description="the organization in both certificates")
    key_type: Literal["ecdsa-p256", "ecdsa-p384", "rsa-2048", "rsa-4096"] = Field(
        default="ecdsa-p256", description="of both keys, the authority's and the hosts'"
    )
    validity_days: int = Field(default=365, ge=2, le=825, description="of the hosts' certificate; no more than 825")
    renewal_days: int = Field(default=30, ge=1, description="an update makes a new one when fewer days are left")
    ca_validity_days: int = Field(default=3650, ge=3, description="of the authority's own certificate")


class Provided(Model):
    """A certificate from elsewhere; each part is PEM text or {file: PATH}."""

    kind: Literal["provided"]
    crt: str | PemFile = Field(
        description="the whole chain: the hosts' certificate, intermediates, the root", json_schema_extra=or_secure
    )
    key: str | PemFile = Field(
        repr=False,
        description="its private key, without a password; as text only a secret",
        json_schema_extra=or_secure,
    )
    root: str | PemFile | None = Field(
        default=None, description="the root certificate, when crt leaves it out", json_schema_extra=or_secure
    )
    minimum_days: int = Field(default=14, ge=0, description="the update is refused when fewer days are left")


# The web certificate (guide: Certificate Requirements).
Certificate = SelfSigned | PrivateCa | Provided
