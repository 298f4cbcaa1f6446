"""Tests on lab hosts."""
