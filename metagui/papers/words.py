"""Values and intervals of the comparison as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metagui.config.experiment import choices
from metagui.config.fields import FieldDescription, describe
from metagui.papers.table import Cell, Span, section_class

NOT_STATED = "not stated here"
NOT_APPLICABLE = "does not apply"


def scale_of(metric: str) -> tuple[float, str]:
    """Factor and unit: accuracies are told in percent."""
    return (100.0, " %") if metric == "accuracy" else (1.0, "")


def decimals_of(cell: Cell) -> int:
    """As many as the paper tells: one where value and interval are whole tenths of a percent, else two."""
    scale, _ = scale_of(cell.metric)
    tenths = (10 * scale * cell.mean, 10 * scale * cell.high)
    return 1 if cell.metric == "accuracy" and all(abs(each - round(each)) < 1e-6 for each in tenths) else 2


def told(cell: Cell) -> str:
    """``98.7 ± 0.4 %``, ``98.8 % (no interval given)``, or ``mean squared error 0.67 to 0.77``."""
    scale, unit = scale_of(cell.metric)
    digits = decimals_of(cell)
    if cell.metric == "mse":
        return f"mean squared error {cell.low:.{digits}f} to {cell.high:.{digits}f}"
    if not cell.has_interval:
        return f"{scale * cell.mean:.{digits}f}{unit} (no interval given)"
    half = (cell.high - cell.low) / 2
    return f"{scale * cell.mean:.{digits}f} ± {scale * half:.{digits}f}{unit}"


def field_of(path: str, fields: Mapping[str, Any]) -> FieldDescription | None:
    """How the schema describes a path among these fields; None where their classes have no such field."""
    section, _, name = path.partition(".")
    return next((field for field in describe(section_class(section, fields)) if field.name == name), None)


def value_words(value: Any, field: FieldDescription | None = None, path: str = "") -> str:
    """A value of a field: labels of the form, thousands with commas, ranges in words."""
    section, _, name = path.partition(".")
    if name == "name" and isinstance(value, str):
        classes = choices(section)
        return classes[value].title if value in classes else value
    if field is not None and isinstance(value, str) and value in field.labels:
        return field.labels[value]
    if isinstance(value, Span):
        return f"{value.least:,} or more" if value.most is None else f"{value.least:,} to {value.most:,}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, list | tuple):
        return ", ".join(value_words(each) for each in value)
    return str(value)
