"""Tests of `components.host.facts`."""
