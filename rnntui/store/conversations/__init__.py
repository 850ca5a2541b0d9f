"""The file of conversations: SQLite, its tables, the tree of turns, search, salvage."""
