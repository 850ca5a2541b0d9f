"""What is repaired while bytes become characters: the names under which it is counted."""

OTHER = "bytes of another encoding"
BROKEN = "broken characters"
"""Halves of characters whose other half is not there."""
ZEROS = "zero bytes"
GARBLED = "garbled characters"
"""UTF-8 that was read in a code page, such as "Ã©"."""
LEFT_OUT = frozenset({BROKEN, ZEROS})
