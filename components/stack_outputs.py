"""Reads the outputs of another stack, in previews and updates, without a resource of its own."""

import re

import pulumi

from components.config.stack_hosts import WHERE, StackOutputs
from components.errors import ConfigurationError
from components.host_text import quoted

# A StackReference is a resource: to await one before the first registration would lose the program's exports. The
# engine's own function is called at once and leaves nothing in the state.
FUNCTION = "pulumi:pulumi:readStackOutputs"


def read_stack_outputs(stack: str) -> StackOutputs:
    """Return the outputs that a stack's last update left; raises ConfigurationError when it cannot be read."""
    try:
        result = pulumi.runtime.invoke(FUNCTION, {"name": stack}).value
    except Exception as error:  # noqa: BLE001 - the SDK raises Exception itself
        reason = quoted(re.sub(r"^.* returned an error: ", "", str(error)))
        remedy = "check its name (ORGANIZATION/PROJECT/STACK) and that it is in this backend"
        raise ConfigurationError([f"{WHERE}.stack: cannot read the outputs of {stack} ({reason}); {remedy}"]) from None
    return StackOutputs(values=result["outputs"], secret=frozenset(result["secretOutputNames"]))
