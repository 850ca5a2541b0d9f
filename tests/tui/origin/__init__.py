"""Where the words of replies come from."""
