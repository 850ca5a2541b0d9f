"""Where the words of a model come from: its index made, kept and asked."""
