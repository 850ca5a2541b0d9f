"""What the screen of the game is made of."""
