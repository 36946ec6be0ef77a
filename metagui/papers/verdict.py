"""A run beside a paper's number: the two intervals, whether they overlap, and every difference of protocol."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from metagui.config.experiment import SECTIONS, ExperimentConfig
from metagui.config.fields import describe
from metagui.events import Evaluated
from metagui.papers.facts import FACTS
from metagui.papers.presets import experiment
from metagui.papers.reasons import REASONS
from metagui.papers.table import Cell, Span, cells, section_class
from metagui.papers.words import NOT_APPLICABLE, NOT_STATED, decimals_of, field_of, scale_of, told, value_words

Relation = Literal["overlap", "better", "worse", "not comparable", "unknown"]

_SAME_TASK = ("task.name", "task.n_way", "task.k_shot")
"""Where one of these differs, the numbers answer different questions."""

_NO_PROTOCOL = frozenset(
    {
        "task.dataset",  # told as the fact "data"
        "algorithm.compare_first_order",
        "algorithm.query_every",
        "outer.validation_every",
        "outer.validation_tasks",
        "outer.explosion_factor",
        "compute.device",
        "compute.seed",
        "compute.threads",
        "compute.memory",
        "compute.checkpoint_every",
    }
)
"""Fields that decide what is computed no more than the weather does."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field or fact: ``stated`` is false where the paper's value is not known here."""

    path: str
    title: str
    paper: str
    yours: str
    why: str
    stated: bool


@dataclass(frozen=True, slots=True)
class Interval:
    """In units of the metric; ``low`` and ``high`` are the mean where there is no interval."""

    mean: float
    low: float
    high: float

    def overlaps(self, other: Interval) -> bool:
        """Whether they share a point; ends that touch do."""
        slack = 1e-9
        return self.low <= other.high + slack and other.low <= self.high + slack


@dataclass(frozen=True, slots=True)
class Verdict:
    """``relation`` is how yours stands to the paper's; ``differences`` are stated, ``unstated`` are not known to be
    any; ``agreeing`` counts the settings in which both agree."""

    cell: Cell
    paper: Interval
    yours: Interval
    inner_steps: int
    relation: Relation
    headline: str
    sentence: str
    differences: tuple[Difference, ...]
    unstated: tuple[Difference, ...]
    agreeing: int


def matching_cells(config: ExperimentConfig) -> list[Cell]:
    """The cells of the very same task, that of the run's own method first; empty where no paper tells of it.

    Pictures of one's own count as mini-ImageNet where their name says so.
    """
    same = [cell for cell in cells() if _is_same_task(cell, config)]
    return sorted(same, key=lambda cell: not _is_same_method(cell, config))


def own_cell(config: ExperimentConfig) -> Cell | None:
    """The cell of the same task and method, if there is one."""
    return next((cell for cell in matching_cells(config) if _is_same_method(cell, config)), None)


def _is_same_task(cell: Cell, config: ExperimentConfig) -> bool:
    task = config.task.model_dump()
    if any(task.get(field) != value for field, value in cell.setting.content.items()):
        return False
    if cell.setting.family != "mini-ImageNet":
        return True
    letters = "".join(letter for letter in str(task.get("dataset", "")).lower() if letter.isalnum())
    return "miniimagenet" in letters


def _is_same_method(cell: Cell, config: ExperimentConfig) -> bool:
    ours = flat(config)
    fields = {"algorithm.name", "algorithm.inner_solver"} & set(cell.protocol)
    return all(ours.get(path) == cell.protocol[path] for path in fields)


def flat(config: ExperimentConfig) -> dict[str, Any]:
    """All fields by their path."""
    content = config.to_dict()
    return {f"{section}.{field}": value for section in SECTIONS for field, value in content[section].items()}


def compare(cell: Cell, evaluated: Evaluated, config: ExperimentConfig, step: int) -> Verdict:
    """``config`` is the run's, ``step`` how many meta-steps it was trained when it was evaluated.

    The number is taken after as many inner steps as the paper's, where the evaluation went that far.
    """
    means, halves = evaluated.mean_by_step.numpy(), evaluated.ci95_by_step.numpy()
    wanted = cell.test_steps
    steps = wanted if wanted is not None and wanted < len(means) else evaluated.inner_steps
    steps = min(steps, len(means) - 1)
    mean = float(means[steps])
    half = float(halves[steps]) if math.isfinite(halves[steps]) else 0.0
    yours = Interval(mean, mean - half, mean + half)
    paper = Interval(cell.mean, cell.low, cell.high)
    fields = flat(config) | {
        "task.n_query": evaluated.n_query,
        "algorithm.evaluation_steps": steps,
        "outer.steps": step,
    }
    if "model.norm_mode" in fields and evaluated.norm_mode not in ("", "none"):
        fields["model.norm_mode"] = evaluated.norm_mode
    if "algorithm.evaluation_steps" not in flat(config):
        del fields["algorithm.evaluation_steps"]
    differences = [*_stated(cell, fields), *_facts(cell, config, evaluated.n_tasks)]
    same_task = evaluated.metric == cell.metric and not any(each.path in _SAME_TASK for each in differences)
    relation = _relation(cell, paper, yours) if same_task else "not comparable"
    headline, sentence = _words(cell, paper, yours, relation, steps)
    return Verdict(
        cell=cell,
        paper=paper,
        yours=yours,
        inner_steps=steps,
        relation=relation,
        headline=headline,
        sentence=sentence,
        differences=tuple(differences),
        unstated=tuple(_unstated(cell, fields)),
        agreeing=len(cell.protocol) + len(cell.facts) - len(differences),
    )


def _relation(cell: Cell, paper: Interval, yours: Interval) -> Relation:
    if not math.isfinite(yours.mean):
        return "unknown"
    if yours.overlaps(paper):
        return "overlap"
    higher = yours.low > paper.high
    return "better" if higher == (cell.metric == "accuracy") else "worse"


def _stated(cell: Cell, fields: Mapping[str, Any]) -> Iterable[Difference]:
    for path, value in cell.protocol.items():
        mine = fields.get(path)
        if path not in fields or not _agree(value, mine):
            yield _difference(path, value, mine, cell, fields, stated=True)


def _agree(paper: Any, mine: Any) -> bool:
    if isinstance(paper, Span):
        return isinstance(mine, int | float) and paper.holds(mine)
    if isinstance(paper, float) and isinstance(mine, int | float):
        return math.isclose(paper, mine, rel_tol=1e-9)
    return bool(paper == mine)


def _facts(cell: Cell, config: ExperimentConfig, n_tasks: int) -> Iterable[Difference]:
    for name, value in cell.facts.items():
        fact = FACTS[name]
        mine = fact.yours(config, n_tasks)
        if mine != value:
            yield Difference(name, fact.title, value_words(value), value_words(mine), fact.why, stated=True)


def _unstated(cell: Cell, fields: Mapping[str, Any]) -> Iterable[Difference]:
    """What the preset had to choose, and what the run changed of the preset without a word in the protocol."""
    reference = flat(experiment(cell))
    for path, mine in fields.items():
        if path in cell.protocol or path in _NO_PROTOCOL or not _applies(path, fields):
            continue
        if path in cell.ours or (path in reference and not _agree(reference[path], mine)):
            yield _difference(path, None, mine, cell, fields, stated=False)


def _applies(path: str, fields: Mapping[str, Any]) -> bool:
    section, _, name = path.partition(".")
    values = {each.partition(".")[2]: value for each, value in fields.items() if each.startswith(f"{section}.")}
    found = next((field for field in describe(section_class(section, fields)) if field.name == name), None)
    return found is None or found.applies(values)


def _difference(path: str, paper: Any, mine: Any, cell: Cell, fields: Mapping[str, Any], *, stated: bool) -> Difference:
    field = field_of(path, fields) or field_of(path, {**cell.ours, **cell.protocol})
    section, _, name = path.partition(".")
    title = section.capitalize() if name == "name" else field.title if field else name
    if path == "outer.steps":
        title = "Meta-steps trained"
    return Difference(
        path=path,
        title=title,
        paper=value_words(paper, field, path) if stated else NOT_STATED,
        yours=value_words(mine, field, path) if path in fields else NOT_APPLICABLE,
        why=REASONS.get(path) or (field.help if field else ""),
        stated=stated,
    )


def interval_words(interval: Interval, cell: Cell) -> str:
    """``97.90 to 98.60 %``; a single number where there is no interval."""
    scale, unit = scale_of(cell.metric)
    digits = decimals_of(cell)
    low, high = f"{scale * interval.low:.{digits}f}", f"{scale * interval.high:.{digits}f}"
    return f"{low}{unit}" if interval.low == interval.high else f"{low} to {high}{unit}"


def _words(cell: Cell, paper: Interval, yours: Interval, relation: Relation, steps: int) -> tuple[str, str]:
    after = f"after {steps} inner step{'s' if steps != 1 else ''}"
    source = f"{cell.title} on {cell.setting.title}: {told(cell)}" + ("" if cell.by == "the paper" else f", {cell.by}")
    mine = f"yours is {interval_words(yours, cell)} {after}"
    match relation:
        case "not comparable":
            return "Not comparable", f"{source}. This run has another kind of task; the numbers answer other questions."
        case "unknown":
            return "No number to compare", f"{source}. Adaptation of this network gives no finite number {after}."
        case "overlap" if not cell.has_interval:
            return "The published number lies in your interval", f"{source}; {mine}."
        case "overlap":
            return "The intervals overlap", f"{source}; {mine}."
    scale, _ = scale_of(cell.metric)
    gap = scale * (yours.low - paper.high if yours.low > paper.high else paper.low - yours.high)
    unit = " points" if cell.metric == "accuracy" else ""
    apart = f"{gap:.{max(decimals_of(cell), 2)}f}{unit} lie between"
    which = "above" if yours.low > paper.high else "below"
    what = "the paper's interval" if cell.has_interval and cell.by == "the paper" else "the published number"
    headline = f"Yours is {relation}: {which} {what}"
    return headline, f"{source}; {mine}. {apart}."
