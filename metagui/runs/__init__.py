"""What happened: recorder, store, checkpoints' bookkeeping, crash recovery. No torch, no Qt."""
