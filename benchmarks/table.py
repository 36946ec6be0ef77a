"""The comparison as text."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.comparison import EXACT, REFERENCE, ROUNDED, Comparison, Quartiles, Row

HEADINGS = ("contender", "tasks/s (quartiles)", "metagui is so many times", "peak memory", "differs, f64", "f32")
MIB = 2**20


def table(comparison: Comparison) -> str:
    """Markdown, aligned so that it reads as well in a terminal."""
    workload = comparison.workload
    cells = [HEADINGS, *(_cells(row) for row in comparison.rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADINGS))]
    lines = [_line(row, widths) for row in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    threads = "1 thread" if comparison.threads == 1 else f"{comparison.threads} threads"
    return "\n".join(
        [
            f"### {workload.title}",
            "",
            f"{threads}, float32, median of {comparison.rounds} rounds of at least {comparison.seconds:g} s each, in "
            f"turns. Checked before: at most {EXACT:g} from the {REFERENCE} in float64, {ROUNDED[workload.network]:g} "
            "in float32, relative.",
            "",
            *lines,
            *_notes(comparison.rows),
        ]
    )


def _cells(row: Row) -> tuple[str, ...]:
    name = f"{row.contender} {row.version}".strip()
    if row.rate is None:
        state: str = row.status
        if row.status == "not timed" and row.cosine is not None:
            state = f"not timed; cosine {row.cosine:.3f}"
        return (name, state, "", "", _difference(row.difference64), _difference(row.difference32))
    memory = "" if row.peak_memory is None else f"{row.peak_memory / MIB:,.0f} MiB"
    ratio = "" if row.ratio is None else _spread(row.ratio, "{:.2f}")
    difference = "reference" if row.contender == REFERENCE else _difference(row.difference64)
    return (name, _spread(row.rate, _format(row.rate)), ratio, memory, difference, _difference(row.difference32))


def _format(rate: Quartiles) -> str:
    return "{:,.0f}" if rate.median >= 100 else "{:.1f}" if rate.median >= 10 else "{:.2f}"


def _spread(value: Quartiles, form: str) -> str:
    return f"{form.format(value.median)} ({form.format(value.low)} to {form.format(value.high)})"


def _difference(value: float | None) -> str:
    return "" if value is None else f"{value:.0e}" if value < 0.1 else f"{value:.2f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"


def _notes(rows: Sequence[Row]) -> list[str]:
    notes = [f"- {row.contender}: {row.status}: {row.note}" for row in rows if row.note]
    return ["", *notes] if notes else []
