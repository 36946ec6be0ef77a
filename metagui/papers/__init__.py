"""Papers' numbers with the protocols they were reached by, and how a run of one's own compares. No torch, no Qt."""
