"""Giving away what was said: a conversation or one reply, written to a file."""
