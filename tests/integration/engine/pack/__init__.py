"""A policy pack, run by path."""
