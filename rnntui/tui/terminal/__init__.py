"""The terminal below Textual: pastes, cells, signals, the clipboard, the person's editor."""
