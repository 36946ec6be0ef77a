"""A stored run as an evaluation is asked to judge it beside another."""

from __future__ import annotations

from typing import Any

from metagui.errors import CheckpointError
from metagui.judgement import Rival
from metagui.runs.records import RunRecord
from metagui.runs.store import RunStore

USUAL = ("joint", "protonet")
"""Algorithms that a meta-learner is compared with unless a person says otherwise."""


def comparable(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether networks for these tasks, as configurations write them, have the same inputs and outputs.

    Shots and queries may differ. By what the store says alone: a thousand runs are looked through at once.
    """
    return all(one.get(name) == other.get(name) for name in ("name", "dataset", "n_way"))


def candidates_beside(store: RunStore, run_id: str, task: dict[str, Any], most: int) -> list[RunRecord]:
    """The newest runs on such tasks that have a checkpoint, without ``run_id`` itself."""
    found: list[RunRecord] = []
    for record in sorted(store.list(), key=lambda each: each.created, reverse=True):
        if len(found) == most:
            break
        fits = record.id != run_id and comparable(record.config.get("task", {}), task)
        if fits and store.latest_checkpoint(record.id) is not None:
            found.append(record)
    return found


def usual_among(records: list[RunRecord]) -> list[RunRecord]:
    """Of runs in this order the first of each usual algorithm."""
    firsts = (next((each for each in records if each.algorithm == name), None) for name in USUAL)
    return [each for each in firsts if each is not None]


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
