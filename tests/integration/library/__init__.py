"""Other programs that use the components."""
