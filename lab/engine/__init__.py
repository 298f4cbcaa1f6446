"""The engine of Pulumi: found, downloaded or built, so that programs run on every machine."""
