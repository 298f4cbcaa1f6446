"""The fake of the licensed product: its sources, vocabularies and RPM build."""
