"""What the guide requires of hosts, judged from facts. Pure: a check is a function, the list of them is data."""
