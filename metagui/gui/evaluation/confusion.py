"""Which classes it gets wrong, and which it takes for one another."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QWidget

from metagui.events import Confusion
from metagui.gui.evaluation.section import EvaluationSection
from metagui.gui.evaluation.table import ResultTable, figures, words
from metagui.gui.theme import Theme

_COUNTED = "Counted over all queries of all tasks."
_FEW = "With {each:.0f} queries a class, on average, a hard class cannot be told from bad luck: more tasks show more."
_ENOUGH = 20
_SEEN = 9
"""Rows without scrolling."""


class ConfusionSection(EvaluationSection):
    """Accuracy of each class, the worst first, beside the pairs taken for one another most often."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.classes = ResultTable("Accuracy by class, worst first", ("Class", "Right", "of"), most_rows=_SEEN)
        self.pairs = ResultTable("Most confused pairs", ("Is → taken for", "Times"), most_rows=_SEEN)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self.classes, 1)
        row.addWidget(self.pairs, 1)
        super().__init__("Mistakes by class", both, _COUNTED, parent)

    def show_confusion(self, confusion: Confusion) -> None:
        judged, right = confusion.judged.numpy(), confusion.right.numpy()
        shares = right / np.maximum(judged, 1)
        # Of classes equally often right, the one judged more often is the surer case.
        seen = [int(index) for index in np.lexsort((-judged, shares)) if judged[index]]
        self.classes.fill(
            [
                [
                    words(confusion.class_names[index]),
                    figures(f"{shares[index] * 100:.0f} %", f"{int(right[index]):,} of {int(judged[index]):,} right"),
                    figures(f"{int(judged[index]):,}"),
                ]
                for index in seen
            ]
        )
        self.pairs.fill(
            [[words(f"{actual} → {taken}"), figures(f"{count:,}")] for actual, taken, count in confusion.pairs]
        )
        self.pairs.setVisible(bool(confusion.pairs))
        flawless = sum(bool(shares[index] == 1.0) for index in seen)
        each = float(judged.sum()) / max(len(seen), 1)
        self.set_hint(_COUNTED if each >= _ENOUGH else f"{_COUNTED} {_FEW.format(each=each)}")
        self.note.setText(f"{len(seen):,} classes" + (f", {flawless:,} without a mistake" if flawless else ""))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.classes.set_theme(theme)
        self.pairs.set_theme(theme)
