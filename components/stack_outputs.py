"""Reads the outputs of another stack in previews and updates, without a resource."""

import re

import pulumi

from components.config.stack_hosts import WHERE, StackOutputs
from components.errors import ConfigurationError
from components.host_text import quoted

# A StackReference is a resource: awaiting one before the first registration would lose the program's exports. The
# engine's function returns at once and leaves nothing in the state.
FUNCTION = "pulumi:pulumi:readStackOutputs"


def read_stack_outputs(stack: str) -> StackOutputs:
    """Return the outputs of a stack after its last update; raises ConfigurationError if they cannot be read."""
    try:
        result = pulumi.runtime.invoke(FUNCTION, {"name": stack}).value
    except Exception as error:  # noqa: BLE001 - the SDK raises Exception itself
        reason = quoted(re.sub(r"^.* returned an error: ", "", str(error)))
        remedy = "check its name (ORGANIZATION/PROJECT/STACK) and that it is in this backend"
        raise ConfigurationError([f"{WHERE}.stack: cannot read the outputs of {stack} ({reason}); {remedy}"]) from None
    return StackOutputs(values=result["outputs"], secret=frozenset(result["secretOutputNames"]))
