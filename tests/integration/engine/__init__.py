"""Tests of the built engine: the command line, the language host and the fake plugins together."""
