"""Where the text of each line goes: wrapped with a hanging indent, coloured by what its pieces are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QTextCharFormat, QTextLayout, QTextOption

from metagui.gui.theme import Theme, mixed
from metagui.gui.walkthrough.highlight import Kind, Line

_HANGING = 4  # characters that the rest of a wrapped line stands in from its beginning
_MOST_INDENT = 0.45  # of the width: what is left must still hold a word


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A line, its text ready to be drawn at the left of the text column, and where it is from the top."""

    line: Line
    text: QTextLayout
    top: float
    height: float
    row_height: float


def colours_of(theme: Theme) -> dict[Kind, str]:
    """The theme's colours for the pieces of a source line."""
    blue, orange, green, _, yellow, violet, teal, _ = theme.cycle
    return {
        "plain": theme.text,
        "keyword": violet,
        "name": blue,
        "builtin": teal,
        "string": green,
        "number": orange,
        "comment": theme.muted,
        "reference": yellow,
        "subscript": theme.text,
    }


def lay_out(
    lines: Sequence[Line],
    font: QFont,
    theme: Theme,
    width: float,
    faded: Collection[int] = (),
    leading: float = 1.18,
) -> list[LaidOut]:
    """Every line, wrapped to ``width`` pixels; those in ``faded`` (line numbers) are mixed towards the background.

    ``leading`` is the height of a row over that of the font.
    """
    metrics = QFontMetricsF(font)
    row_height = round(metrics.height() * leading)
    result: list[LaidOut] = []
    top = 0.0
    for line in lines:
        text = QTextLayout(line.text or " ", font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        text.setTextOption(option)
        text.setFormats(_formats(line, theme, fade=0.32 if line.number in faded else 0.0))
        rows = _wrap(text, line, metrics, row_height, width)
        result.append(LaidOut(line, text, top, rows * row_height, row_height))
        top += rows * row_height
    return result


def _wrap(text: QTextLayout, line: Line, metrics: QFontMetricsF, row_height: float, width: float) -> int:
    hanging = min((line.indent + _HANGING) * metrics.horizontalAdvance(" "), width * _MOST_INDENT)
    drop = (row_height - metrics.height()) / 2
    text.beginLayout()
    rows = 0
    while True:
        row = text.createLine()
        if not row.isValid():
            break
        indent = hanging if rows else 0.0
        row.setLineWidth(max(width - indent, 24.0))
        row.setPosition(QPointF(indent, rows * row_height + drop))
        rows += 1
    text.endLayout()
    return max(rows, 1)


def _formats(line: Line, theme: Theme, fade: float) -> list[QTextLayout.FormatRange]:
    colours = colours_of(theme)
    ranges = [_range(0, max(len(line.text), 1), _faded(colours["plain"], theme, fade))]
    for span in line.spans:
        made = _range(span.start, span.length, _faded(colours[span.kind], theme, fade))
        if span.kind == "comment":
            made.format.setFontItalic(True)  # type: ignore[attr-defined]
        if span.kind == "subscript":
            made.format.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSubScript)  # type: ignore[attr-defined]
        ranges.append(made)
    return ranges


def _range(start: int, length: int, colour: str) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start = start  # type: ignore[attr-defined]
    made.length = length  # type: ignore[attr-defined]
    formatted = QTextCharFormat()
    formatted.setForeground(QColor(colour))
    made.format = formatted  # type: ignore[attr-defined]
    return made


def _faded(colour: str, theme: Theme, fade: float) -> str:
    return mixed(colour, theme.plot_background, fade) if fade else colour
