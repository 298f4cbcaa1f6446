"""Pulumi programs, each copied to a scratch project as its `__main__.py`."""
