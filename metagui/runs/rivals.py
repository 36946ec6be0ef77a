"""A stored run as an evaluation is asked to judge it beside another."""

from __future__ import annotations

from metagui.errors import CheckpointError
from metagui.judgement import Rival
from metagui.runs.store import RunStore


def rival_of(store: RunStore, run_id_or_name: str, title: str, *, best: bool) -> Rival:
    """Its best checkpoint where the best of all are compared and it has one, else its last.

    Raises InvalidValueError for an unknown run, CheckpointError where there is no file to judge or it is damaged.
    """
    record = store.get(run_id_or_name)
    checkpoint = (store.best_checkpoint(record.id) if best else None) or store.latest_checkpoint(record.id)
    if checkpoint is None:
        raise CheckpointError(f"{record.id} has no checkpoint to compare with")
    checkpoint.verify()
    return Rival(title=title, config=record.config, checkpoint=str(checkpoint.path), step=checkpoint.step)
