"""Tests of `components.preflight`."""
