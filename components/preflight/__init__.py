"""Checks hosts against the guide's requirements, from facts; a check is a function, the list of them is data."""
