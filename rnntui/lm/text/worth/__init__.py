"""What speaks against learning from a text, found in excerpts of it."""
