"""Tests of `components.host.requirements`."""
