"""Programs that replace the project's own in a test."""
