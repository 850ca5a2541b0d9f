"""One conversation: intentions in, events out, and frozen facts to look at."""
