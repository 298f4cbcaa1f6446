"""Tests of `components.host`."""
