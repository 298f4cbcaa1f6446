"""What all parts of the configuration share."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Unknown keys are refused and nothing changes after the door."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, hide_input_in_errors=False)
