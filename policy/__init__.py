"""The policy pack; README.md describes it under Policies."""
