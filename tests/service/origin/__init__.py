"""Where the words of a model come from."""
