"""What the training screen is made of, one concern a file."""
