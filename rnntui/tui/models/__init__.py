"""What the list of models is made of."""
