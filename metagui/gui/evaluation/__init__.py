"""The evaluation page: how good a network is on tasks it has never seen, and under what protocol."""
