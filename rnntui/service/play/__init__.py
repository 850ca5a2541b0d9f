"""The game "guess the next word": texts, questions, scores, what the numbers mean, and what was reached before."""
