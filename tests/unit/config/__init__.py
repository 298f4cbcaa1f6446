"""Tests of `components.config`."""
