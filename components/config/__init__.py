"""The stack file: its models, the checks of the whole cluster, its JSON Schema, and the messages."""
