"""A program with a mistake of its own."""

message = "the program's own message"
raise ValueError(message)
