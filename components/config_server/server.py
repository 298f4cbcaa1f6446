"""The configuration server and the distribution of its keys as components."""

from components.steps.phase import PhaseComponent


class ConfigServer(PhaseComponent):
    """Keys, settings, endpoints, Client Update Service, routing and import (guide, steps 13 to 20)."""

    kind = "config_server:ConfigServer"


class Distribution(PhaseComponent):
    """The way of the cluster's keys to all nodes but the one that made them (guide, step 21)."""

    kind = "config_server:Distribution"
