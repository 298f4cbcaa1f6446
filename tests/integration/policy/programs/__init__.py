"""Programs that the pack checks."""
