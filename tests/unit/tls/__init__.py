"""Tests of `components.tls`."""
