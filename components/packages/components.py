"""The components of a host: what it needs before the product, and the product itself."""

from components.steps.phase import PhaseComponent


class Hosts(PhaseComponent):
    """Anchors, packages, monit and the RPM's copy on every host (guide, steps 1 to 5)."""

    kind = "packages:Hosts"


class Product(PhaseComponent):
    """The product's RPM and the connector's jar on every host (guide, steps 5 and 14)."""

    kind = "packages:Product"
