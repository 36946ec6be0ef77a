"""The walk-through page: the paper's pseudo-code, the code that runs, and the numbers at that line, in step."""
