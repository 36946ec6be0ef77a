"""Several networks on the very same tasks, side by side."""
