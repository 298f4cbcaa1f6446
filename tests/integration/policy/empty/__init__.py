"""A pack of one rule that looks at nothing."""
