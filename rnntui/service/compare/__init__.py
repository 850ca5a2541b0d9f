"""Two ways to go on from the same place, written side by side; nothing of it is kept until one is taken over."""
