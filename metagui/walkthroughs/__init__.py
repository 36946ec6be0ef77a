"""The walk-throughs and talks as data: pseudo-code, the source it is bound to, and scripts. No torch, no Qt."""
