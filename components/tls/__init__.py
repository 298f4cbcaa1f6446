"""The web certificate: which kind, and what follows from it for the vendor's scripts."""
