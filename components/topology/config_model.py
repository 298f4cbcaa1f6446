"""What all parts of the configuration share."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

RelativePath = Annotated[str, StringConstraints(pattern=r"^[^/~\s][^\s]*$")]


class Model(BaseModel):
    """Unknown keys are refused and nothing changes after the door."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, hide_input_in_errors=False)


def or_secure(schema: dict[str, Any]) -> None:
    """Let a stack file say it encrypted, as `pulumi config set --secret` writes it."""
    secure = {"type": "object", "properties": {"secure": {"type": "string"}}, "required": ["secure"]}
    schema["anyOf"] = [*schema.pop("anyOf", [{"type": "string"}]), {**secure, "additionalProperties": False}]
    schema.pop("type", None)
