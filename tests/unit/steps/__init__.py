"""Tests of `components.steps`."""
