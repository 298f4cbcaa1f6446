"""Programs that the pack judges."""
