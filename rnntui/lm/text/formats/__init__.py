"""Kinds of files -> running text: one reader for each, all careful with what comes from strangers."""
