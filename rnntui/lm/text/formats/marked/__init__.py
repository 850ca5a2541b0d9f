"""Plain text with marks of its own: subtitles, screenplays, Markdown and its kin, TeX, notebooks, source code."""
