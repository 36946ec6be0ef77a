"""Records the textbook's code line by line while it runs, for a person to walk through in both directions."""
