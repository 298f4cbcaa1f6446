"""The policy pack; see README.md, Policies."""
