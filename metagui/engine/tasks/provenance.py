"""Which data a run was trained on, and whether they are still those: a class that was trained on is never held out.

A family over an installed data set says what it read in ``data``: the set's ``name``, the ``split_hash`` of which
classes are held out, and the ``sha256`` of the examples where these may be replaced. Checkpoints keep it. A family with
splits to choose from says itself, in ``leak_from``, what of its test classes other weights were trained on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from metagui.config.tasks import TaskSection
from metagui.datasets.library import DESCRIPTION, Description
from metagui.engine.tasks.base import TaskFamily
from metagui.errors import DataError


@runtime_checkable
class KnowsLeaks(Protocol):
    """A family that compares classes, and not hashes alone."""

    def leak_from(self, trained_on: Mapping[str, str]) -> str:
        """A sentence where weights with this ``data`` have seen some of the test classes; empty where they have not."""
        ...


def data_of(family: TaskFamily) -> dict[str, str]:
    """What a family says of its data; empty where it draws its tasks from nothing installed."""
    return dict(getattr(family, "data", {}))


def as_data(description: Description) -> dict[str, str]:
    """What a family over an installed data set says of it."""
    return {"name": description.name, "split_hash": description.split_hash, "sha256": description.sha256}


def refuse_leak(trained_on: Mapping[str, str], family: TaskFamily) -> None:
    """Raises DataError where weights may have been trained on classes that this family holds out."""
    now = data_of(family)
    if isinstance(family, KnowsLeaks):
        leak = family.leak_from(trained_on)
        if leak:
            raise DataError(leak)
        return
    before, after = trained_on.get("split_hash"), now.get("split_hash")
    if before and after and before != after and trained_on.get("name") == now["name"]:
        raise DataError(
            f"the data set {now['name']} is split in another way (hash {after}) than when this run was trained "
            f"({before}): what is held out now may have been trained on. Add the data that it was trained on again, or "
            "train a new run"
        )


def replacement_notice(trained_on: Mapping[str, str], family: TaskFamily) -> str:
    """A sentence where the split is the same but the examples are not; empty otherwise."""
    now = data_of(family)
    if trained_on.get("sha256", "") in ("", now.get("sha256", "")):
        return ""
    return f"The data set {now.get('name', '')} holds other examples than when this run began; its split is the same."


def stamp_of(task: TaskSection, datasets_dir: Path) -> int:
    """A number that changes when the data set of a task family is replaced; 0 where it has none."""
    name = getattr(task, "dataset", "")
    try:
        return (datasets_dir / name / DESCRIPTION).stat().st_mtime_ns if name else 0
    except OSError:
        return 0
