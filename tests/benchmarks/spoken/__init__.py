"""What `tests.benchmarks.speech` is made of: passages, speaking in many rows, telling apart, and judging."""
