"""The rules as pure predicates, their index, and the adapter to the SDK."""
