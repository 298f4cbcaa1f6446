"""Checks hosts against the guide's requirements, from facts; each check is a function, and their list is data."""
