"""The components of a host: what it needs before the product, and the product itself."""

from components.steps.phase import Area


class Hosts(Area):
    """Anchors, packages, monit and the RPM's copy on every host (guide, steps 1 to 5)."""

    kind = "host:Hosts"


class Product(Area):
    """The product's RPM and the connector's jar on every host (guide, steps 5 and 14)."""

    kind = "host:Product"
