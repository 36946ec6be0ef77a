from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metagui.config import ExperimentConfig
from metagui.runs.curves import Points
from metagui.runs.store import RunStore


def write(store: RunStore, run: str, name: str, steps: list[int], values: list[float]) -> None:
    count = np.array(steps, dtype=np.int64)
    store.write_points(run, [(name, count, np.array(values, dtype=np.float64), count * 0.5)])


def as_lists(points: Points) -> tuple[list[int], list[float], list[float]]:
    steps, values, times = points
    assert (steps.dtype, values.dtype, times.dtype) == (np.int64, np.float64, np.float64)
    return steps.tolist(), values.tolist(), times.tolist()


@pytest.fixture
def run(store: RunStore) -> str:
    return store.create(ExperimentConfig()).id


def test_that_points_come_back_in_order_of_step(store: RunStore, run: str) -> None:
    write(store, run, "outer_loss", [3, 1, 2], [0.3, 0.1, 0.2])

    assert as_lists(store.read_series(run, "outer_loss")) == ([1, 2, 3], [0.1, 0.2, 0.3], [0.5, 1.0, 1.5])
    assert store.last_values(run) == {"outer_loss": 0.3}


def test_that_an_unknown_curve_is_empty(store: RunStore, run: str) -> None:
    assert as_lists(store.read_series(run, "outer_loss")) == ([], [], [])
    assert store.series(run) == ()


def test_that_a_step_written_again_holds_the_later_value(store: RunStore, run: str) -> None:
    write(store, run, "outer_loss", [1, 2, 3], [1.0, 2.0, 3.0])
    write(store, run, "outer_loss", [2, 3], [20.0, 30.0])

    assert as_lists(store.read_series(run, "outer_loss"))[1] == [1.0, 20.0, 30.0]
    assert store.last_values(run) == {"outer_loss": 30.0}


def test_that_a_replayed_step_wins_over_a_packed_one(store: RunStore, run: str) -> None:
    write(store, run, "outer_loss", [1, 2, 3, 4], [1.0, 2.0, 3.0, 4.0])
    store.pack(run)
    write(store, run, "outer_loss", [2, 3], [20.0, 30.0])
    expected = [1.0, 20.0, 30.0, 4.0]

    assert as_lists(store.read_series(run, "outer_loss"))[1] == expected
    store.pack(run)
    assert as_lists(store.read_series(run, "outer_loss"))[1] == expected
    store.pack(run, whole=True)
    assert as_lists(store.read_series(run, "outer_loss"))[1] == expected


def test_that_nan_is_no_point_and_infinity_is_one(store: RunStore, run: str) -> None:
    write(store, run, "outer_loss", [1, 2, 3], [1.0, float("nan"), float("inf")])
    write(store, run, "validation_loss", [1, 2, 3], [float("nan")] * 3)

    for whole in (False, True):
        assert as_lists(store.read_series(run, "outer_loss"))[:2] == ([1, 3], [1.0, float("inf")])
        assert store.series(run) == ("outer_loss",)
        store.pack(run, whole=whole)


def test_that_runs_do_not_mix(store: RunStore, run: str) -> None:
    other = store.create(ExperimentConfig()).id
    write(store, run, "outer_loss", [1], [1.0])
    write(store, other, "outer_loss", [1], [2.0])
    write(store, other, "gradient_norm", [1], [3.0])

    store.pack(run, whole=True)
    store.truncate_after(other, 0)

    assert as_lists(store.read_series(run, "outer_loss"))[1] == [1.0]
    assert store.series(other) == ()


def test_that_packed_points_are_rows_no_more(store: RunStore, run: str) -> None:
    write(store, run, "outer_loss", list(range(50)), [1.0] * 50)
    store.pack(run)
    write(store, run, "outer_loss", list(range(50, 90)), [1.0] * 40)
    store.pack(run, whole=True)

    assert [tuple(row) for row in store.database.rows("SELECT count(*) FROM hot")] == [(0,)]
    assert [tuple(row) for row in store.database.rows("SELECT first_step, last_step, count FROM packed")] == [
        (0, 89, 90)
    ]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("step", [0, 5, 6, 7, 100])
def test_that_a_cut_curve_ends_at_the_step(store: RunStore, run: str, packed: bool, step: int) -> None:
    steps = [2, 4, 6, 8]
    write(store, run, "outer_loss", steps, [float(s) for s in steps])
    if packed:
        store.pack(run)

    store.truncate_after(run, step)

    kept = [s for s in steps if s <= step]
    assert as_lists(store.read_series(run, "outer_loss"))[0] == kept
    assert store.last_values(run) == ({"outer_loss": float(kept[-1])} if kept else {})


stretch = st.dictionaries(st.integers(0, 40), st.floats(allow_nan=False, width=64), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actions=st.lists(
        st.one_of(stretch, st.sampled_from(["pack", "whole", "reopen"]), st.integers(0, 40)), min_size=1, max_size=8
    )
)
def test_that_writing_packing_and_cutting_equal_a_dictionary(
    data_dir: Path, actions: list[dict[int, float] | str | int]
) -> None:
    expected: dict[int, float] = {}
    with RunStore(data_dir) as store:
        run = store.create(ExperimentConfig()).id
        for action in actions:
            match action:
                case dict():
                    write(store, run, "outer_loss", list(action), list(action.values()))
                    expected |= action
                case "pack" | "whole":
                    store.pack(run, whole=action == "whole")
                case int():
                    store.truncate_after(run, action)
                    expected = {step: value for step, value in expected.items() if step <= action}
                case _:
                    with RunStore(data_dir) as other:
                        other.list()

            steps, values, times = as_lists(store.read_series(run, "outer_loss"))
            assert steps == sorted(expected)
            assert values == [expected[step] for step in steps]
            assert times == [step * 0.5 for step in steps]
            assert store.last_values(run) == ({"outer_loss": values[-1]} if steps else {})


def test_that_a_transaction_that_fails_leaves_nothing_behind(store: RunStore, run: str) -> None:
    write(store, run, "outer_loss", [1], [1.0])

    with pytest.raises(ZeroDivisionError), store.database.writing():
        write(store, run, "outer_loss", [2], [2.0])
        write(store, run, "never_heard_of", [2], [2.0])
        raise ZeroDivisionError

    assert as_lists(store.read_series(run, "outer_loss"))[0] == [1]
    write(store, run, "never_heard_of", [3], [3.0])
    assert store.last_values(run) == {"outer_loss": 1.0, "never_heard_of": 3.0}
