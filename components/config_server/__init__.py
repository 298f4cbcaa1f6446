"""The configuration server: keys, settings, endpoints, routing, import."""
