"""Tests of every step's script on a lab host with stubbed vendor scripts."""
