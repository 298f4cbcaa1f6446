"""What the program says when it will not go on."""

from collections.abc import Iterable


class Refusal(Exception):  # noqa: N818 - it is a decision, not a mistake in the program
    """The program refuses to go on, before any resource is registered.

    Each finding is one line: key path or host, what is wrong, what to do.
    """

    def __init__(self, findings: Iterable[str]) -> None:
        """Keep the findings in order, without repetition."""
        self.findings = tuple(dict.fromkeys(findings))
        super().__init__("\n".join(self.findings))


class ConfigurationError(Refusal):
    """The stack's configuration is not one that can be deployed."""


class ProfileError(Refusal):
    """The release profile, or what a stack overrides in it, does not fit together."""


class ConnectionRefusal(Refusal):
    """A host cannot be reached safely, for instance because its host key is not known."""


class ChangeRefusal(Refusal):
    """The update would harm what is there."""


class RequirementsRefusal(Refusal):
    """Hosts do not meet what the guide requires; the findings are the lines of a table."""


class UnknownHostRefusal(Refusal):
    """A host that cannot be reached might run another build than the others."""
