"""Programs of other people that use the components."""
