"""A person's own data: pictures by class and tables of curves, checked and kept as plain arrays. No torch."""
