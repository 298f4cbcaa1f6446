"""The size of the state on the real engine, with commands that do not run: it decides how long large clusters take."""

from pathlib import Path

import pytest

from tests.integration.measure_scale import STATES, Scale, resources_in

HOSTS = 11
MOST_BYTES = 10_000  # of each resource: the file backend writes the whole state for each one
MOST_RESOURCES = 17  # of each host

pytestmark = pytest.mark.lab


def test_the_state_is_small(tmp_path: Path) -> None:
    scale = Scale(tmp_path, HOSTS, STATES["no checkpoints"])
    scale.up()
    state = scale.state()
    resources = resources_in(state)
    assert len(state) / len(resources) < MOST_BYTES
    assert len(resources) / HOSTS < MOST_RESOURCES
    frames = [len(resource["stackTrace"]) for resource in resources if resource["type"].startswith("command:")]
    assert set(frames) == {1}
