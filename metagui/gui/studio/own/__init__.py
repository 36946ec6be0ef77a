"""A task made by hand: points on a curve, painted classes, drawn characters; and keeping it."""
