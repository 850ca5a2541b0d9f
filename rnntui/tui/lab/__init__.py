"""What the lab screen is made of."""
