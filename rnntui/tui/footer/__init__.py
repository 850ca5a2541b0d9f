"""The footer: the keys of what has the focus, then those that work everywhere, as many as fit."""
