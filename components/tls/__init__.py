"""The web certificate: its kinds, what each must fulfil, and its installation."""
