"""An evaluation as `metagui evaluate` prints it: for people, and as one JSON object."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metagui.config import ExperimentConfig
    from metagui.events import Calibration, Confusion, Evaluated, Judged, WorstTask
    from metagui.runs.records import RunRecord

_MOST_CLASSES, _MOST_PAIRS, _MOST_TASKS = 10, 10, 5
"""Rows of the tables for people; the JSON object has them all."""


def chance(config: ExperimentConfig) -> float | None:
    """Accuracy of guessing; None where the task is no classification."""
    n_way = getattr(config.task, "n_way", None)
    return 1 / n_way if n_way else None


def as_json(record: RunRecord, step: int, config: ExperimentConfig, result: Evaluated) -> dict[str, Any]:
    """Everything the engine told, NaN included; ``calibration`` and ``confusion`` are None where nothing was asked."""
    return {
        "run": record.id,
        "name": record.name,
        "step": step,
        "metric": result.metric,
        "mean": result.mean,
        "ci95": result.ci95,
        "median": result.median,
        "n_tasks": result.n_tasks,
        "n_worse": result.n_worse,
        "inner_steps": result.inner_steps,
        "norm_mode": result.norm_mode,
        "n_query": result.n_query,
        "chance": chance(config),
        "mean_by_step": result.mean_by_step.numpy().tolist(),
        "ci95_by_step": result.ci95_by_step.numpy().tolist(),
        "rivals": [_fields(rival) for rival in result.rivals],
        "calibration": None if result.calibration is None else _calibration_json(result.calibration),
        "confusion": None if result.confusion is None else _confusion_json(result.confusion),
        "worst": [_fields(task) for task in result.worst],
    }


def table(record: RunRecord, step: int, config: ExperimentConfig, result: Evaluated) -> str:
    """The same, for people."""
    return "\n".join(_lines(record, step, config, result))


def _lines(record: RunRecord, step: int, config: ExperimentConfig, result: Evaluated) -> Iterator[str]:
    scale, unit = (100, " %") if result.metric == "accuracy" else (1, "")
    guess = chance(config)
    yield (
        f"{record.id} ({record.name}) after {step:,} meta-steps: {result.metric} on {result.n_tasks:,} test tasks, "
        f"{result.n_query} queries a {'class' if guess else 'task'}"
        + (f", batch norm {result.norm_mode}" if result.norm_mode not in ("", "none") else "")
    )
    yield ""
    yield f"inner step  {result.metric + unit:>12}  95 % interval"
    by_step = zip(result.mean_by_step.numpy(), result.ci95_by_step.numpy(), strict=True)
    for k, (mean, ci95) in enumerate(by_step):
        yield f"{k:>10}  {scale * mean:>12.4f}  ± {scale * ci95:.4f}"
    if guess is not None:
        yield from ("", f"guessing would reach {100 * guess:.1f} %")
    if result.n_worse:
        yield from ("", f"on {result.n_worse:,} tasks adaptation did not lower the query loss")
    yield from _rivals(record.id, result, scale)
    if result.calibration is not None:
        yield from _calibration(result.calibration)
    if result.confusion is not None:
        yield from _confusion(result.confusion)
    yield from _worst(result, scale)


def _rivals(run_id: str, result: Evaluated, scale: int) -> Iterator[str]:
    if not result.rivals:
        return
    width = max(22, *(len(rival.title) + 2 for rival in result.rivals))
    yield from ("", f"{'on the very same tasks':<{width}}  {'mean, 95 %':>20}  {run_id + ' minus it':>20}")
    for rival in result.rivals:
        name = f"{'  ' + rival.title:<{width}}"
        if rival.problem:
            yield f"{name}  not judged: {rival.problem}"
            continue
        mean, ci95, gap, gap_ci95 = (
            scale * value for value in (rival.mean, rival.ci95, rival.difference, rival.difference_ci95)
        )
        clear = "" if abs(gap) > gap_ci95 else "  (no clear difference)"
        figures = f"{mean:.4f} ± {ci95:.4f}", f"{gap:+.4f} ± {gap_ci95:.4f}"
        yield f"{name}  {figures[0]:>20}  {figures[1]:>20}{clear}"
    better = "higher" if result.metric == "accuracy" else "lower"
    yield f"differences are paired task by task, with their 95 % intervals; {better} is better"


def _calibration(found: Calibration) -> Iterator[str]:
    text = f"expected calibration error {100 * found.ece:.1f} %"
    if math.isfinite(found.ece_scaled):
        text += f"; {100 * found.ece_scaled:.1f} % with logits divided by {found.temperature:.3g}"
    yield from ("", text)


def _confusion(found: Confusion) -> Iterator[str]:
    counts = zip(found.class_names, found.judged.numpy().tolist(), found.right.numpy().tolist(), strict=True)
    worst = sorted(counts, key=lambda row: (row[2] / row[1], -row[1]))[:_MOST_CLASSES]
    yield from ("", f"hardest of {len(found.class_names):,} classes")
    for name, judged, right in worst:
        yield f"  {name}: {right:,} of {judged:,} right"
    if found.pairs:
        yield from ("", "most confused")
        for actual, taken, count in found.pairs[:_MOST_PAIRS]:
            yield f"  {actual} taken for {taken}: {count:,}"


def _worst(result: Evaluated, scale: int) -> Iterator[str]:
    if result.worst:
        yield from ("", "worst tasks, before and after adaptation")
    for task in result.worst[:_MOST_TASKS]:
        what = ", ".join(task.class_names) or task.title
        yield f"  {task.task + 1:>6}  {scale * task.before:>8.4g}  {scale * task.after:>8.4g}  {what}"


def _fields(entry: Judged | WorstTask) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__struct_fields__}


def _calibration_json(found: Calibration) -> dict[str, Any]:
    arrays = {name: getattr(found, name).numpy().tolist() for name in ("confidence", "accuracy", "count")}
    return arrays | {"ece": found.ece, "temperature": found.temperature, "ece_scaled": found.ece_scaled}


def _confusion_json(found: Confusion) -> dict[str, Any]:
    return {
        "class_names": list(found.class_names),
        "judged": found.judged.numpy().tolist(),
        "right": found.right.numpy().tolist(),
        "pairs": [list(pair) for pair in found.pairs],
    }
