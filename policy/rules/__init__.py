"""The rules: pure predicates, the catalogue of them, and the adapter to the SDK."""
