"""Deephaven clusters as Pulumi components; other programs may import the names below."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.cluster import (
        DeephavenCluster,
        DeephavenClusterArgs,
        PreparationError,
        PreparedCluster,
        prepare,
    )

__all__ = ["DeephavenCluster", "DeephavenClusterArgs", "PreparationError", "PreparedCluster", "prepare"]


def __getattr__(name: str) -> object:
    """Import on first use, because Pulumi takes a second to load and the pure packages do not need it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.cluster"), name)
