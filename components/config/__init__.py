"""The stack file: its models, checks of the cluster as a whole, the JSON Schema, and the messages."""
