"""Odd texts made by a script, with what should come out of them; their content is invented."""
