"""Tests of the lab without hosts."""
