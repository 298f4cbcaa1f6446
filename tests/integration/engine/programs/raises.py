"""A program that raises an error."""

message = "the program's own message"
raise ValueError(message)
