"""Tests that do not need hosts."""
