"""The papers' numbers and protocols: as published, and each an experiment that can be trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from metagui.config import parse
from metagui.errors import InvalidValueError
from metagui.papers.presets import experiment, find_preset, paper_presets, preset_name
from metagui.papers.table import SETTINGS, Span, cell_named, cells, read_paper, section_class
from metagui.papers.verdict import flat
from metagui.papers.words import told

COLUMNS = [name for name in SETTINGS if name != "sinusoid-10s"]
PUBLISHED = {
    "maml": "98.7±0.4 99.9±0.1 95.8±0.3 98.9±0.2 48.70±1.84 63.11±0.92",
    "fomaml": "98.3±0.5 99.2±0.2 89.4±0.5 97.9±0.1 48.07±1.75 63.15±0.91",
    "reptile": "97.68±.04 99.48±.06 89.43±.14 97.12±.32 49.97±.32 65.99±.58",
    "imaml": "99.16±.35 99.67±.12 94.46±.42 98.69±.1 48.96±1.84 –",
    "imaml-hf": "99.50±.26 99.74±.11 96.18±.36 99.14±.1 49.30±1.88 –",
    "protonet": "98.8 99.7 96.0 98.9 49.42±.78 68.20±.66",
    "meta-sgd": "99.53±.26 99.93±.09 95.93±.38 98.97±.19 50.47±1.87 64.03±.94",
}
PUBLISHED_CELLS = [
    (f"{method}-{column}", text)
    for method, row in PUBLISHED.items()
    for column, text in zip(COLUMNS, row.split(), strict=True)
    if text != "–"
]


@pytest.mark.parametrize(("name", "text"), PUBLISHED_CELLS)
def test_that_a_cell_holds_the_published_number(name: str, text: str) -> None:
    cell = cell_named(name)
    value, _, half = text.partition("±")
    assert 100 * cell.mean == pytest.approx(float(value), abs=1e-9)
    assert cell.has_interval is bool(half)
    assert 100 * (cell.high - cell.low) / 2 == pytest.approx(float(half or 0), abs=1e-9)


def test_that_there_are_the_published_cells_and_the_reruns_of_the_sinusoid_and_no_others() -> None:
    reruns = {"maml-sinusoid-10s": (0.67, 0.77), "meta-sgd-sinusoid-10s": (0.32, 0.53)}
    assert {cell.name for cell in cells()} == {name for name, _ in PUBLISHED_CELLS} | set(reruns)
    for name, interval in reruns.items():
        cell = cell_named(name)
        assert (cell.low, cell.high) == interval
        assert cell.metric == "mse"
        assert cell.test_steps == 1
        assert cell.by == "independent reruns"


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: cell.name)
def test_that_every_cell_is_an_experiment_with_the_papers_protocol(cell) -> None:
    config = experiment(cell)
    assert parse(config.to_dict()) == config
    fields = flat(config)
    for path, value in cell.protocol.items():
        section, _, name = path.partition(".")
        assert name in section_class(section, fields).model_fields
        assert value.holds(fields[path]) if isinstance(value, Span) else fields[path] == value
    assert not set(cell.ours) & set(cell.protocol)
    assert set(cell.ours) <= set(fields)


def test_that_mamls_protocol_on_omniglot_is_the_papers() -> None:
    cell = cell_named("maml-omniglot-20w1s")
    wanted = {
        "task.n_way": 20,
        "task.k_shot": 1,
        "model.filters": 64,
        "algorithm.inner_lr": 0.1,
        "algorithm.inner_steps": 5,
        "algorithm.evaluation_steps": 5,
        "outer.meta_batch_size": 16,
        "outer.steps": 60000,
    }
    assert wanted.items() <= cell.protocol.items()
    assert cell.facts == {"training_classes": 1200, "test_tasks": 600}
    assert "outer.outer_lr" in cell.ours


def test_that_every_cell_has_a_preset_of_its_own() -> None:
    presets = paper_presets()
    assert [preset.name for preset in presets] == [preset_name(cell) for cell in cells()]
    assert len({(preset.group, preset.title) for preset in presets}) == len(presets) == 42
    for preset in presets:
        assert preset.group in {setting.title for setting in SETTINGS.values()}
        assert preset.summary.endswith(".")
        assert find_preset(preset.name) == preset
    assert find_preset("sinusoid-maml").group == ""


def test_that_an_unknown_paper_preset_is_answered_with_the_nearest() -> None:
    with pytest.raises(InvalidValueError, match="did you mean paper-maml-omniglot-5w1s"):
        find_preset("paper-mamal-omniglot-5w1s")
    with pytest.raises(InvalidValueError, match="did you mean maml-omniglot-5w1s"):
        cell_named("mamal-omniglot-5w1s")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("maml-omniglot-5w1s", "98.7 ± 0.4 %"),
        ("maml-mini-imagenet-5w1s", "48.70 ± 1.84 %"),
        ("protonet-omniglot-20w1s", "96.0 % (no interval given)"),
        ("maml-sinusoid-10s", "mean squared error 0.67 to 0.77"),
    ],
)
def test_that_numbers_are_told_with_the_papers_digits(name: str, words: str) -> None:
    assert told(cell_named(name)) == words


GOOD = """
[paper]
title = "X"
reference = "Y"
[group.g]
protocol.model = { name = "conv4" }
protocol.algorithm = { name = "maml" }
[cell.omniglot-5w1s]
value = 90.0
interval = 1.0
groups = ["g"]
"""


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("[paper]", "[paper", r"x\.toml: is no TOML: .*line 2"),
        ("value = 90.0", "value = 900.0", r"x\.toml: cell\.omniglot-5w1s: an accuracy is a percentage"),
        ("value = 90.0", 'value = "90"', r"x\.toml: cell\.omniglot-5w1s\.value: must be a number"),
        ("omniglot-5w1s", "omniglot-6w1s", r"x\.toml: cell\.omniglot-6w1s: is not one of"),
        ('groups = ["g"]', 'groups = ["h"]', r"cell\.omniglot-5w1s\.groups: 'h' is not one of g"),
        ('{ name = "maml" }', '{ name = "maml", inner_rate = 1 }', r"algorithm\.inner_rate: there is no such field"),
        ("protocol.model", "protocol.network", r"group\.g\.protocol\.network: must be a table"),
        ('title = "X"', 'titel = "X"', r"paper\.titel: is not one of"),
        ("interval = 1.0", "low = 3.0", r"cell\.omniglot-5w1s\.high: must be a number"),
    ],
)
def test_that_a_wrong_file_is_named_with_the_place(tmp_path: Path, before: str, after: str, words: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert read_paper(path)[0].protocol["task.k_shot"] == 1
    path.write_text(GOOD.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(InvalidValueError, match=words):
        read_paper(path)
