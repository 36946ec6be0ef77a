"""An evaluation as a person reads it: figures with their intervals, the ranking, and the protocol in words. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from metagui.config import ExperimentConfig
from metagui.events import Evaluated
from metagui.gui.monitor.ticks import number, reading

Verdict = Literal["", "better", "worse", "level"]

_NORM_WORDS = {
    "none": "none",
    "transductive": "transductive (statistics of the query batch)",
    "support": "support statistics",
    "per_step": "statistics of each inner step",
}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What was evaluated: ``title`` of the run, ``which`` network of it, after ``step`` meta-steps."""

    title: str
    which: str
    step: int
    config: ExperimentConfig
    split: str = "test"
    seed: int = 0

    @property
    def name(self) -> str:
        """The title without its task, which all competitors share."""
        return self.title.rpartition(" · ")[0] or self.title


@dataclass(frozen=True, slots=True)
class Competitor:
    """A row of the ranking. ``colour`` counts in the theme's cycle; 0 is the evaluated network.

    ``verdict`` says how the evaluated network stands to this one, by the paired difference's interval.
    """

    title: str
    mean: float
    ci95: float
    difference: float
    difference_ci95: float
    problem: str
    colour: int
    verdict: Verdict

    @property
    def evaluated(self) -> bool:
        return self.colour == 0


def higher_is_better(metric: str) -> bool:
    return metric == "accuracy"


def metric_words(metric: str) -> str:
    return {"accuracy": "accuracy", "mse": "mean squared error"}.get(metric, metric)


def decimals_for(ci95: float, metric: str) -> int:
    """As many as the interval is worth: its second digit, and one or two of a percentage."""
    percent = metric == "accuracy"
    spread = ci95 * (100.0 if percent else 1.0)
    if not math.isfinite(spread) or spread <= 0:
        return 1 if percent else 2
    decimals = max(0, min(5, 1 - math.floor(math.log10(spread))))
    return min(max(decimals, 1), 2) if percent else decimals


def with_interval(mean: float, ci95: float, metric: str, decimals: int | None = None) -> tuple[str, str]:
    """The figure and its half-width: ``("96.2 %", "± 0.4")``. An interval without width, as of chance, is not told."""
    percent = metric == "accuracy"
    factor = 100.0 if percent else 1.0
    if decimals is None:
        decimals = decimals_for(ci95, metric)
    if not math.isfinite(mean):
        return number(mean), ""
    suffix = " %" if percent else ""
    half = f"± {number(ci95 * factor, decimals)}" if math.isfinite(ci95) and ci95 > 0 else ""
    return number(mean * factor, decimals) + suffix, half


def figure(mean: float, ci95: float, metric: str, decimals: int | None = None) -> str:
    """``96.2 % ± 0.4``."""
    return " ".join(part for part in with_interval(mean, ci95, metric, decimals) if part)


def difference_text(difference: float, ci95: float, metric: str, decimals: int | None = None) -> str:
    """A signed difference with its half-width; percentage points for accuracies."""
    value, half = with_interval(difference, ci95, metric, decimals)
    if not math.isfinite(difference):
        return "–"
    sign = "+" if difference > 0 else ""
    return f"{sign}{value.removesuffix(' %')} {half}".strip()


def value_text(value: float, metric: str) -> str:
    """One task's value."""
    return f"{value:.0%}".replace("%", " %") if metric == "accuracy" and math.isfinite(value) else reading(value)


def verdict_of(difference: float, ci95: float, metric: str) -> Verdict:
    """``level`` where the interval of the paired difference has zero in it."""
    if not math.isfinite(difference):
        return ""
    if math.isfinite(ci95) and abs(difference) <= ci95:
        return "level"
    if difference == 0:
        return "level"
    return "better" if (difference > 0) == higher_is_better(metric) else "worse"


def ranking(evaluated: Evaluated, title: str) -> list[Competitor]:
    """The evaluated network and its rivals, the best first, those that could not be judged last."""
    rows = [Competitor(title, evaluated.mean, evaluated.ci95, math.nan, math.nan, "", 0, "")]
    for index, rival in enumerate(evaluated.rivals):
        verdict: Verdict = ""
        if not rival.problem:
            verdict = verdict_of(rival.difference, rival.difference_ci95, evaluated.metric)
        rows.append(
            Competitor(
                rival.title,
                rival.mean,
                rival.ci95,
                rival.difference,
                rival.difference_ci95,
                rival.problem,
                index + 1,
                verdict,
            )
        )
    sign = -1.0 if higher_is_better(evaluated.metric) else 1.0

    def rank(row: Competitor) -> tuple[bool, bool, float]:
        known = math.isfinite(row.mean)
        return bool(row.problem), not known, sign * row.mean if known else 0.0

    return sorted(rows, key=rank)


def protocol(evaluated: Evaluated, circumstances: Circumstances) -> list[tuple[str, str]]:
    """What has to stand beside the number for it to mean anything: names and values."""
    config = circumstances.config
    counted = f"{circumstances.step:,} meta-step{'' if circumstances.step == 1 else 's'}"
    trained = config.algorithm.inner_steps
    steps = f"{evaluated.inner_steps:,}"
    if trained != evaluated.inner_steps:
        steps += f" (trained with {trained:,})"
    parts = [
        ("network", f"{circumstances.title}, {circumstances.which} after {counted}"),
        ("tasks", f"{evaluated.n_tasks:,} of the {circumstances.split} split, seed {circumstances.seed}"),
        ("episode", episode(config, evaluated.n_query)),
        ("inner steps", steps),
    ]
    norm = evaluated.norm_mode
    parts.append(("normalisation", _NORM_WORDS.get(norm, norm) or "none"))
    return parts


def episode(config: ExperimentConfig, n_query: int) -> str:
    """``5-way 1-shot, 15 queries a class``."""
    ways = getattr(config.task, "n_way", None)
    shots, queries = config.task.k_shot, f"{n_query} quer{'y' if n_query == 1 else 'ies'}"
    if ways is None:
        return f"{shots} support points, {queries} a task"
    return f"{ways}-way {shots}-shot, {queries} a class"


def as_text(evaluated: Evaluated, circumstances: Circumstances) -> str:
    """The number with its protocol, to be pasted elsewhere."""
    lines = [
        f"{figure(evaluated.mean, evaluated.ci95, evaluated.metric)} {metric_words(evaluated.metric)} "
        "(mean and 95 % interval over tasks)"
    ]
    lines += [f"{name}: {value}" for name, value in protocol(evaluated, circumstances)]
    for row in ranking(evaluated, circumstances.name):
        if row.problem:
            lines.append(f"{row.title}: not judged, {row.problem}")
        elif not row.evaluated:
            gap = difference_text(row.difference, row.difference_ci95, evaluated.metric)
            lines.append(f"{row.title}: {figure(row.mean, row.ci95, evaluated.metric)}, paired difference {gap}")
    return "\n".join(lines)
