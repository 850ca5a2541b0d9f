"""The conversation as rows of text with a word cursor."""
