"""The stand-in for the licensed product: sources, vocabularies and the build of its RPMs."""
