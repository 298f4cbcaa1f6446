"""Tests of `components.facts`."""
