"""Tests of the lab itself, on its hosts."""
