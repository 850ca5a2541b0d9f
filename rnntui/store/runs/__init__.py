"""The runs of training on the disk: one folder each, with its orders, states, times and whether it lives."""
