"""What a person does not want in a model: addresses, numbers, names."""
