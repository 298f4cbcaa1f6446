"""Pulumi's engine: found on PATH, downloaded, or built, so that programs run on every machine."""
