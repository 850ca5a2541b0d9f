"""Parts of screens; they show values and post messages."""
