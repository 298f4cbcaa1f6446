"""Tests of `components.topology`."""
