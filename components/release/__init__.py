"""What the vendor's release is like: one YAML a release, and the small grammar of its argument lists. Pure."""
