"""The web certificate: its kinds, their requirements, and the installation."""
