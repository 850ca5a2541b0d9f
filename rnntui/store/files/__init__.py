"""Files that are complete or not there: durable writes, locks, checked JSON, the log."""
