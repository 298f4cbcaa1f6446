"""The policy pack on the real engine."""
