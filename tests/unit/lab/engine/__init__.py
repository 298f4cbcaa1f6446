"""Tests of how the engine is found, downloaded and built, without building anything."""
