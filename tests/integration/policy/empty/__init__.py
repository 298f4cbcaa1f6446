"""A pack with one empty rule."""
