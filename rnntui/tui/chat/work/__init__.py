"""Work of a conversation in the background: asking for it, when its events are shown, what is kept of the prompt."""
