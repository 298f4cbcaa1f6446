"""What the program promises, on lab hosts with the real engine."""
