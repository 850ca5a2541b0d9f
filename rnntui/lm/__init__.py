"""The language model: owns torch and tokenizers. Reads files, never writes any; clock and seed are arguments."""
