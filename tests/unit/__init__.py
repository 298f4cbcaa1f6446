"""Tests that need no hosts."""
