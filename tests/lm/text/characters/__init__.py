"""Which characters are meant."""
