"""What leaves the program as a file: conversations, reports, replays, diagnostics."""
