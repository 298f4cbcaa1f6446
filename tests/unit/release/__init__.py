"""Tests of `components.release`."""
