"""From bytes to clean text: encodings, formats, line structure, typography. Knows no torch."""
