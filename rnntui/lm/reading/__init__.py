"""What a person types, in the terms of one model: marks, letters and characters as the text has it that it learned."""
