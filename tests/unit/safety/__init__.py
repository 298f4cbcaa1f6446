"""Tests of `components.safety`."""
