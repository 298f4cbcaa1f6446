"""The exceptions: why the program does not continue."""

from collections.abc import Iterable


class DeploymentError(Exception):
    """The deployment cannot continue; raised before any resource is registered.

    Each finding is one line: key path or host, what is wrong, what to do.
    """

    def __init__(self, findings: Iterable[str]) -> None:
        """Keep the findings in order, without repetition."""
        self.findings = tuple(dict.fromkeys(findings))
        super().__init__("\n".join(self.findings))


class ConfigurationError(DeploymentError):
    """The stack's configuration, or a file that it names, is invalid."""


class ProfileError(DeploymentError):
    """The release profile, or a stack's override of it, is invalid."""


class HostConnectionError(DeploymentError):
    """A host cannot be reached safely, for instance because its host key is unknown."""


class SafetyError(DeploymentError):
    """The update would harm the existing cluster."""


class PreflightError(DeploymentError):
    """Hosts do not meet the guide's requirements; the findings are the lines of a table."""


class UnreachableHostError(DeploymentError):
    """A host is not readable, and an update could mix builds or end without having run anything there."""
