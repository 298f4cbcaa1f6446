"""The library of the Deephaven program: pure planning in `topology` and `release`, resources in the other packages."""
