"""Bytes -> characters: which encoding a text is in, and what to do with bytes that do not fit."""
