"""What is left out because it is private."""
