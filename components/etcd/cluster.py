"""The etcd cluster as a component."""

from components.steps.phase import PhaseComponent


class EtcdCluster(PhaseComponent):
    """The members' configuration, start, health and initialization (guide, steps 7 to 12)."""

    kind = "etcd:EtcdCluster"
