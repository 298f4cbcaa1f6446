"""Tests of `components.changes`."""
