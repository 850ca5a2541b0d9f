"""Lines made by hand: which ones were only broken to fit a width, and which ones mean something."""
