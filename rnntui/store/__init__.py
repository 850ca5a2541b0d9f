"""What survives a power cut: the only folder that writes files. Knows bytes and records; no torch, no widgets."""
