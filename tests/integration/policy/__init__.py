"""The policy pack with the real engine."""
