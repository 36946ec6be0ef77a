"""The list of bad input that must get a precise message, where no other test has it yet; nothing is ever installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from metagui.config.tasks import ImageTasks
from metagui.datasets.adding import add_dataset
from metagui.datasets.content import Options
from metagui.datasets.inventory import inventory, opened
from metagui.engine.tasks import build_family
from metagui.errors import DataError, InvalidValueError

TABLE = "\n".join(f"t{task},{x},{task * x}" for task in range(9) for x in range(4))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("empty.zip", "empty.zip is not a readable zip archive, perhaps cut short"),
        ("empty.npz", "empty.npz is no readable numpy archive, perhaps cut short"),
        ("empty.csv", "empty.csv is empty: it needs a first line like  task,x,y"),
        ("empty.txt", "empty.txt is none of what can be read"),
    ],
)
def test_that_files_of_no_bytes_are_named(tmp_path: Path, data_dir: Path, name: str, words: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(DataError, match=words):
        add_dataset("mine", tmp_path / name, data_dir, Options())
    assert inventory(data_dir) == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("t1,9,warm", r"line 38, column y: 'warm' is no number"),
        ("t1,9,NaN", r"line 38, column y: 'NaN' is not finite: leave the row out"),
        ("t1,9,", r"line 38, column y: '' is no number"),
        ("t1,9", r"line 38: 2 columns, but the first line has 3"),
    ],
)
def test_that_a_bad_row_of_a_table_is_named_by_line_and_column(
    tmp_path: Path, data_dir: Path, row: str, words: str
) -> None:
    path = tmp_path / "weather.csv"
    path.write_text(f"task,x,y\n{TABLE}\n{row}\n")
    with pytest.raises(DataError, match=rf"weather\.csv, {words}"):
        add_dataset("weather", path, data_dir, Options())
    assert inventory(data_dir) == []


@pytest.mark.parametrize("folder_name", ["my own pictures", "картинки птиц", "写真 と 絵", "ﺻﻮﺭ", 'd\'été & "co"'])
def test_that_paths_with_spaces_and_other_letters_are_read(folder, data_dir: Path, folder_name: str) -> None:
    source = folder(["жар птица", "鳥", "oiseau été"], name=folder_name)
    added = add_dataset("birds", source, data_dir, Options())
    assert {group.name for group in added.groups} == {"жар птица", "鳥", "oiseau été"}
    (listed,) = inventory(data_dir)
    assert Path(listed.source) == source
    assert len(opened(data_dir, "birds")[1]) == 9


def test_that_a_data_folder_with_other_letters_holds_data_sets(folder, tmp_path: Path) -> None:
    datasets = tmp_path / "мои данные 数据" / "datasets"
    add_dataset("birds", folder(["a", "b", "c"]), datasets, Options())
    assert inventory(datasets)[0].problem == ""


def test_that_three_classes_for_five_ways_are_refused_before_training(folder, data_dir: Path) -> None:
    add_dataset("few", folder(["a", "b", "c"]), data_dir, Options())
    with pytest.raises(InvalidValueError, match=r"task\.n_way: 5 ways are more than the 1 train classes of few.*lower"):
        build_family(ImageTasks(dataset="few", n_way=5, k_shot=1, n_query=1), data_dir)
