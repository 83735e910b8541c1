"""What a sitting of a test is worth, and what follows from it."""
