"""Programs that a test puts into the place of the project's own."""
