"""The release profiles: one YAML file for each release, and the argument templates in it. Pure."""
