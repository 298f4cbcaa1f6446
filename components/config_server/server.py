"""The configuration server as a component."""

from components.host.area import Area


class ConfigServer(Area):
    """Keys, settings, endpoints, Client Update Service, routing and import (guide, steps 13 to 20)."""

    kind = "config_server:ConfigServer"
