"""Where words come from: an index of a text that was learned from, and the runs of another text that stand in it."""
