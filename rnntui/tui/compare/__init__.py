"""Two texts side by side: written at the same time from one place, or two versions of a turn."""
