"""Runs as they were: the slider over their moments, the list of them, and one laid over another."""
