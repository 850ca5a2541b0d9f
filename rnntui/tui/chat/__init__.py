"""What the chat screen is made of, one concern a file."""
