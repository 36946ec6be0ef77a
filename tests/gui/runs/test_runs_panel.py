import math
from dataclasses import replace
from typing import get_args

import pytest
from PySide6.QtCore import QPoint, Qt

from metagui.events import RunStatus
from metagui.gui.runs import RunRow, RunsPanel
from metagui.gui.runs.table_model import COLUMNS, STATUS_WORDS, loss_text, status_colour
from metagui.gui.theme import DARK, THEMES


def row(number: int, **changes: object) -> RunRow:
    made = RunRow(
        f"r-{number:04d}", f"sinusoid-maml-{number}", "MAML", "Sinusoid", 10 * number, 10_000, "finished", 0.5
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def panel(qtbot) -> RunsPanel:  # type: ignore[no-untyped-def]
    made = RunsPanel(DARK)
    qtbot.addWidget(made)
    made.resize(380, 500)
    made.show()
    return made


def shown(panel: RunsPanel, column: str) -> list[str]:
    model = panel.table.model()
    position = COLUMNS.index(column)
    return [model.index(line, position).data() for line in range(model.rowCount())]


def test_that_runs_are_listed_newest_first(panel: RunsPanel) -> None:
    panel.set_rows([row(3), row(12), row(7)])
    assert shown(panel, "Run") == ["r-0012", "r-0007", "r-0003"]


def test_that_every_status_has_words_and_a_colour() -> None:
    for status in get_args(RunStatus):
        assert STATUS_WORDS[status]
        for theme in THEMES.values():
            assert status_colour(status, theme).startswith("#")


def test_that_an_update_changes_its_row_alone_and_keeps_the_choice(panel: RunsPanel) -> None:
    panel.set_rows([row(2), row(1)])
    panel.select("r-0001")
    panel.model.update_row("r-0002", step=123, status="running", loss=0.25)
    panel.model.update_row("r-9999", step=1)
    assert shown(panel, "Step") == ["123", "10"]
    assert shown(panel, "Status") == ["running", "finished"]
    assert panel.selected_run() == "r-0001"


def test_that_the_choice_survives_a_new_list(panel: RunsPanel) -> None:
    panel.set_rows([row(2), row(1)])
    panel.select("r-0001")
    panel.set_rows([row(3), row(2), row(1)])
    assert panel.selected_run() == "r-0001"


def test_that_choosing_announces_the_run_and_its_reason_is_told(panel: RunsPanel, qtbot) -> None:  # type: ignore[no-untyped-def]
    panel.set_rows([row(2), row(1, status="diverged", reason="The loss is NaN since step 812.", loss=math.nan)])
    with qtbot.waitSignal(panel.selected, check_params_cb=lambda run_id: run_id == "r-0001"):
        panel.select("r-0001")
    assert "step 812" in panel.detail_text
    assert shown(panel, "Loss") == ["0.5", "NaN"]


def test_that_enter_and_a_double_click_use_the_run(panel: RunsPanel, qtbot) -> None:  # type: ignore[no-untyped-def]
    panel.set_rows([row(2), row(1)])
    panel.select("r-0001")
    with qtbot.waitSignal(panel.activated, check_params_cb=lambda run_id: run_id == "r-0001"):
        qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    place = panel.table.visualRect(panel.table.model().index(0, 1)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    with qtbot.waitSignal(panel.activated, check_params_cb=lambda run_id: run_id == "r-0002"):
        qtbot.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))


def test_that_runs_without_a_loss_sort_last(panel: RunsPanel) -> None:
    panel.set_rows([row(1, loss=None), row(2, loss=0.9), row(3, loss=math.nan), row(4, loss=0.1)])
    panel.table.sortByColumn(COLUMNS.index("Loss"), Qt.SortOrder.AscendingOrder)
    assert shown(panel, "Loss")[:2] == ["0.1", "0.9"]
    assert loss_text(None) == "–"


def test_that_a_long_list_can_be_filtered(panel: RunsPanel) -> None:
    panel.set_rows([row(number) for number in range(5)])
    assert not panel.filter.isVisible()
    panel.set_rows([row(number, status="crashed" if number == 4 else "finished") for number in range(30)])
    assert panel.filter.isVisible()
    panel.filter.setText("CRASH")
    assert shown(panel, "Run") == ["r-0004"]


def test_that_a_thousand_runs_are_listed_sorted_and_updated(panel: RunsPanel) -> None:
    panel.set_rows([row(number) for number in range(1000, 0, -1)])
    panel.table.sortByColumn(COLUMNS.index("Step"), Qt.SortOrder.AscendingOrder)
    panel.model.update_row("r-0500", step=999_999)
    assert shown(panel, "Step")[-1] == "999,999"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "stopped"}, True),
        ({"status": "crashed"}, True),
        ({"status": "running"}, False),
        ({"status": "running", "forsaken": True}, True),
        ({"status": "finished", "step": 10_000}, False),
        ({"status": "finished", "step": 10_000, "total_steps": 20_000}, True),
    ],
)
def test_that_only_runs_with_steps_left_can_continue(changes: dict[str, object], expected: bool) -> None:
    assert row(1, **changes).can_continue is expected
