"""Field types that all parts of the configuration share."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, IPvAnyAddress, SecretStr, StringConstraints


def _address(text: str) -> str:
    """Validate text that looks like an IP address: it has a colon, or only digits after the last dot."""
    if ":" in text or text.rpartition(".")[2].isdigit():
        ip_address(text)
    return text


def _without_zone(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Refuse a zone, such as %eth0: it may contain any text, and is valid on one host only."""
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        raise ValueError("write the address without a zone")
    return address


def in_one_line(secret: SecretStr) -> SecretStr:
    """Refuse control characters in a secret that becomes a line of an option file."""
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", secret.get_secret_value()):
        raise ValueError("write it without line breaks or other control characters")
    return secret


# These values become arguments of commands, lines of files and file names. So each pattern lists the allowed
# characters: never a control character, quote, backslash, backtick or $, and no leading dash. Digits are [0-9], because
# \d would match the digits of every script.
_PART = r"[A-Za-z0-9._+,=@%:][A-Za-z0-9._+,=@%:~-]*"
_PART_WITH_SPACES = r"[A-Za-z0-9._+,=@%:][A-Za-z0-9._+,=@%:~ -]*"
RelativePath = Annotated[str, StringConstraints(pattern=rf"^{_PART}(/{_PART})*$")]
KnownHostsPath = Annotated[str, StringConstraints(pattern=rf"^(~?/)?{_PART_WITH_SPACES}(/{_PART_WITH_SPACES})*$")]
IpAddress = Annotated[IPvAnyAddress, AfterValidator(_without_zone)]
# A host name, qualified or not, an IPv4 address, or an IPv6 address without brackets and zone.
Address = Annotated[
    str,
    StringConstraints(max_length=253, pattern=r"^([A-Za-z0-9_][A-Za-z0-9._-]*|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)$"),
    AfterValidator(_address),
]


class Model(BaseModel):
    """The base of all models: unknown keys are refused, and models are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, hide_input_in_errors=False)


def or_secure(schema: dict[str, Any]) -> None:
    """Accept the encrypted form that `pulumi config set --secret` writes."""
    secure = {"type": "object", "properties": {"secure": {"type": "string"}}, "required": ["secure"]}
    schema["anyOf"] = [*schema.pop("anyOf", [{"type": "string"}]), {**secure, "additionalProperties": False}]
    schema.pop("type", None)
