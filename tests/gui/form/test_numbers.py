import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QLabel

from metagui.config import FieldDescription, describe
from metagui.config.algorithms import IMAML
from metagui.config.tasks import SinusoidTasks
from metagui.gui.form.numbers import FloatBox, IntegerBox, next_value


def field(section: type, name: str) -> FieldDescription:
    return next(known for known in describe(section) if known.name == name)


@pytest.mark.parametrize(
    ("value", "steps", "expected"), [(0.01, 1, 0.02), (0.02, 1, 0.05), (0.05, 1, 0.1), (1, -1, 0.5), (0.03, 1, 0.05)]
)
def test_that_logarithmic_fields_walk_one_two_five(value: float, steps: int, expected: float) -> None:
    assert next_value(value, steps, logarithmic=True) == expected


@given(st.floats(1e-8, 1e8), st.integers(1, 6))
def test_that_up_is_more_and_down_is_less(value: float, steps: int) -> None:
    for logarithmic in (True, False):
        assert next_value(value, steps, logarithmic=logarithmic) > value
        assert next_value(value, -steps, logarithmic=logarithmic) < value


def test_that_a_number_written_out_of_range_is_announced_as_written(qtbot) -> None:  # type: ignore[no-untyped-def]
    box = IntegerBox(field(IMAML, "inner_steps"))
    qtbot.addWidget(box)
    heard: list[object] = []
    box.edited.connect(heard.append)
    box.set_value(5)
    box.selectAll()
    qtbot.keyClicks(box, "-3")
    assert heard[-1] == -3
    assert box.lineEdit().text() == "-3"


@pytest.mark.parametrize(
    ("text", "value"),
    [("10,000", 10000), ("10 000", 10000), ("0,5", "0,5"), ("4.2", "4.2"), ("", ""), ("2**3", "2**3")],
)
def test_that_only_whole_numbers_are_whole_numbers(qtbot, text: str, value: object) -> None:  # type: ignore[no-untyped-def]
    box = IntegerBox(field(IMAML, "inner_steps"))
    qtbot.addWidget(box)
    box.lineEdit().setText(text)
    assert box.value() == value


@pytest.mark.parametrize(("text", "value"), [("0,5", 0.5), ("1e-10", 1e-10), ("−2", -2.0), ("nan", "nan"), ("x", "x")])
def test_that_real_numbers_are_read_as_people_write_them(qtbot, text: str, value: object) -> None:  # type: ignore[no-untyped-def]
    box = FloatBox(field(IMAML, "proximal_lambda"))
    qtbot.addWidget(box)
    box.lineEdit().setText(text)
    assert box.value() == value


def test_that_arrows_stay_within_the_limits(qtbot) -> None:  # type: ignore[no-untyped-def]
    steps = IntegerBox(field(IMAML, "inner_steps"))
    lam = FloatBox(field(IMAML, "proximal_lambda"))
    for box in (steps, lam):
        qtbot.addWidget(box)
    steps.set_value(1)
    steps.stepBy(-1)
    assert steps.value() == 1
    lam.set_value(2e-12)
    lam.stepBy(-40)
    assert lam.value() > 0


def test_that_a_shown_number_keeps_all_its_digits_until_it_is_edited(qtbot) -> None:  # type: ignore[no-untyped-def]
    box = FloatBox(field(SinusoidTasks, "phase_max"))
    qtbot.addWidget(box)
    box.set_value(3.141592653589793)
    assert box.lineEdit().text() == "3.14159"
    assert box.value() == 3.141592653589793


def test_that_the_wheel_changes_nothing(qtbot) -> None:  # type: ignore[no-untyped-def]
    from PySide6.QtCore import QPoint, QPointF, Qt
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    box = IntegerBox(field(IMAML, "inner_steps"))
    qtbot.addWidget(box)
    box.set_value(5)
    box.show()
    box.setFocus()
    turn = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, turn)
    assert box.value() == 5
    assert not turn.isAccepted()


def test_that_a_unit_never_covers_a_digit(qtbot) -> None:  # type: ignore[no-untyped-def]
    box = IntegerBox(dataclasses.replace(field(IMAML, "inner_steps"), unit="meta-steps"))
    qtbot.addWidget(box)
    box.resize(130, 30)
    box.show()
    unit = box.lineEdit().findChild(QLabel)
    box.set_value(25)
    roomy = box.fontMetrics().horizontalAdvance("25meta-steps") + 80
    box.resize(roomy, 30)
    assert unit.isVisible()
    box.set_value(2_500_000_000)
    assert not unit.isVisible()
    assert box.lineEdit().textMargins().right() == 0
    box.set_value(25)
    assert unit.isVisible()
    assert box.lineEdit().textMargins().right() > unit.width()
