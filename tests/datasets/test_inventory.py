"""What is installed, whatever its form: listed, opened, checked and removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from metagui.datasets.adding import About, add_dataset
from metagui.datasets.content import Options
from metagui.datasets.inventory import check, inventory, opened, remove
from metagui.datasets.preview import draw_preview
from metagui.errors import DataError


def test_that_nothing_is_listed_where_nothing_is(tmp_path: Path) -> None:
    assert inventory(tmp_path / "nowhere") == []
    with pytest.raises(DataError, match="Omniglot is not installed: add it with 'metagui data add omniglot'"):
        opened(tmp_path, "omniglot")


def test_that_omniglot_is_a_data_set_like_any_other(stamped_omniglot: Path) -> None:
    (listed,) = inventory(stamped_omniglot)
    assert (listed.classes, listed.examples, listed.splits) == (1623, 32460, (1028, 172, 423))
    assert listed.parts == ("background", "evaluation")
    assert listed.size == sum(path.stat().st_size for path in (stamped_omniglot / "omniglot").iterdir())
    description, rows = opened(stamped_omniglot, "omniglot")
    assert rows.shape == (32460, 28, 28)
    for group in (description.groups[0], description.groups[-1], description.groups[1000]):
        number = int(rows[group.first, 0, 0]) + 256 * int(rows[group.first, 0, 1])
        assert description.groups[number] == group
        assert list(rows[group.first : group.first + 20, 0, 2]) == list(range(20))


def test_that_one_part_alone_is_listed_with_its_classes(tmp_path: Path, install_stamped) -> None:
    install_stamped(tmp_path, "evaluation")
    (listed,) = inventory(tmp_path)
    assert (listed.classes, listed.parts, sum(listed.splits)) == (659, ("evaluation",), 659)
    description, rows = opened(tmp_path, "omniglot")
    assert len(rows) == description.examples == 13180


def test_that_a_flipped_bit_of_omniglot_is_found(tmp_path: Path, install_stamped) -> None:
    install_stamped(tmp_path, "evaluation")
    assert "as it was added (evaluation part" in check(tmp_path, "omniglot")
    path = tmp_path / "omniglot" / "evaluation.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"evaluation\.npy is not what was added"):
        check(tmp_path, "omniglot")


def test_that_omniglot_is_removed_and_what_lies_beside_it_stays(tmp_path: Path, install_stamped) -> None:
    install_stamped(tmp_path, "evaluation")
    (tmp_path / "omniglot" / "notes.txt").write_text("mine")
    assert remove(tmp_path, "omniglot") == "a test"
    assert [path.name for path in (tmp_path / "omniglot").iterdir()] == ["notes.txt"]
    assert inventory(tmp_path) == []


def test_that_a_damaged_omniglot_is_listed_and_can_be_removed(tmp_path: Path, install_stamped) -> None:
    install_stamped(tmp_path, "evaluation")
    (tmp_path / "omniglot" / "evaluation.json").write_text("{")
    (listed,) = inventory(tmp_path)
    assert "is damaged" in listed.problem
    remove(tmp_path, "omniglot")
    assert inventory(tmp_path) == []


def test_that_title_and_licence_are_listed_and_damage_is_seen_without_reading_all(folder, data_dir: Path) -> None:
    added = add_dataset("birds", folder(["a", "b", "c", "d"]), data_dir, Options(), about=About("Birds", "mine"))
    (listed,) = inventory(data_dir)
    assert (listed.title, listed.licence, listed.form, listed.problem) == ("Birds", "mine", "10 x 10 colour", "")
    path = data_dir / "birds" / f"images-{added.sha256[:16]}.npy"
    path.write_bytes(path.read_bytes()[:-5])
    (listed,) = inventory(data_dir)
    assert listed.classes == 4
    assert "damaged" in listed.problem


def test_that_omniglot_is_previewed(stamped_omniglot: Path, tmp_path: Path) -> None:
    draw_preview(stamped_omniglot, "omniglot", tmp_path / "one.png", seed=1)
    draw_preview(stamped_omniglot, "omniglot", tmp_path / "two.png", seed=2)
    assert (tmp_path / "one.png").read_bytes() != (tmp_path / "two.png").read_bytes()


@pytest.mark.slow
def test_that_the_real_runs_are_listed_checked_and_removed_with_omniglot(real_data: Path, data_dir: Path) -> None:
    from metagui.datasets.obtaining import add_from

    source = real_data / "omniglot" / "all_runs.zip"
    if not source.exists():
        pytest.skip("needs the real Omniglot")
    told = add_from("omniglot", source, data_dir, Options(), "", lambda step: None)
    assert "twenty one-shot runs" in told
    (listed,) = inventory(data_dir)
    assert listed.parts == ("one-shot runs",)
    assert "one-shot runs" in check(data_dir, "omniglot")
    remove(data_dir, "omniglot")
    assert not (data_dir / "omniglot").exists()
