"""From a person's files to an installed data set, and what is refused on the way."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from metagui.datasets import library
from metagui.datasets.adding import add_dataset
from metagui.datasets.content import Options
from metagui.errors import DataError, InvalidValueError, MetaguiError

CLASSES = ["ant", "bee", "cat", "dog", "eel", "fox"]


def add(source: Path, data_dir: Path, name: str = "mine", **options) -> library.Description:
    return add_dataset(name, source, data_dir, Options(**options))


def refused(source: Path, data_dir: Path, *words: str, kind: type[MetaguiError] = DataError, **options) -> None:
    """The message holds all of these words, and nothing was installed."""
    with pytest.raises(kind) as caught:
        add(source, data_dir, **options)
    for word in words:
        assert word in str(caught.value)
    assert library.installed_names(data_dir) == []


# --- pictures in folders ---------------------------------------------------------------------------------------------


def test_that_a_folder_of_classes_becomes_a_data_set(folder, data_dir: Path) -> None:
    added = add(folder(CLASSES), data_dir)
    assert [group.name for group in added.groups] == CLASSES
    assert (added.side, added.channels, added.examples) == (10, 3, 18)
    assert added.split_source == "by the hash of the names"
    assert {group.split for group in added.groups} == {"train", "validation", "test"}
    pixels = library.read_array(data_dir, library.check(data_dir, "mine"))
    assert pixels[4, 0, 0].tolist() == [20, 20, 20]  # bee/1.png


def test_that_the_folders_of_a_split_are_kept(folder, picture, data_dir: Path) -> None:
    places = {"train": CLASSES[:3], "val": CLASSES[3:4], "test": CLASSES[4:]}
    files = {f"{split}/{one}/{k}.png": picture() for split, names in places.items() for one in names for k in range(2)}
    added = add(folder(files), data_dir)
    assert {group.name: group.split for group in added.groups} == {
        "ant": "train",
        "bee": "train",
        "cat": "train",
        "dog": "validation",
        "eel": "test",
        "fox": "test",
    }


def test_that_a_class_in_two_splits_is_refused(folder, picture, data_dir: Path) -> None:
    files = {f"{split}/dog/{k}.png": picture() for split in ("train", "test") for k in range(2)}
    refused(folder(files), data_dir, "'dog'", "train", "test")


def test_that_classes_that_differ_in_case_alone_are_refused(folder, data_dir: Path) -> None:
    source = folder(["Dog", "cat", "bee"])
    folder(["dog"])
    refused(source, data_dir, "'Dog'", "'dog'", "case")


def test_that_a_zip_is_read_like_its_folder_and_needs_no_unpacking(folder, data_dir: Path, tmp_path: Path) -> None:
    source, packed = folder(CLASSES, "Bilder für später"), tmp_path / "mit Leerzeichen ü.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(source.rglob("*.png")):
            archive.write(path, Path("top") / path.relative_to(source))
        archive.writestr("__MACOSX/top/ant/._1.png", b"shadow")
    from_folder, from_zip = add(source, data_dir, "one"), add(packed, data_dir, "two")
    assert from_folder.groups == from_zip.groups
    assert from_folder.sha256 == from_zip.sha256
    assert not (tmp_path / "top").exists()


def test_that_a_zip_that_leads_out_of_itself_is_refused(data_dir: Path, tmp_path: Path, picture) -> None:
    packed = tmp_path / "evil.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../evil/1.png", picture())
    refused(packed, data_dir, "evil.zip", "leads out of the archive")


def test_that_a_truncated_zip_is_refused(folder, data_dir: Path, tmp_path: Path) -> None:
    packed = tmp_path / "cut.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in folder(CLASSES).rglob("*.png"):
            archive.write(path, path.parent.name + "/" + path.name)
    packed.write_bytes(packed.read_bytes()[:-200])
    refused(packed, data_dir, "cut.zip", "not a readable zip")


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", ("empty (0 bytes)",)), (b"no picture", ("no picture",)), (None, ("cannot be read",))],
    ids=["0-byte", "garbage", "cut short"],
)
def test_that_a_broken_picture_is_named_and_may_be_skipped(folder, picture, data_dir: Path, data, words) -> None:
    source = folder(CLASSES)
    whole = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (60, 60, 3), np.uint8)).save(whole, "PNG")
    (source / "bee" / "1.png").write_bytes(whole.getvalue()[:3000] if data is None else data)
    refused(source, data_dir, "bee/1.png", "--skip-broken", *words)
    added = add(source, data_dir, skip_broken=True)
    assert added.examples == 17
    assert "bee/1.png" in added.dropped[0]


def test_that_a_picture_that_would_unfold_into_gigabytes_is_refused_unread(folder, data_dir: Path) -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    source = folder(CLASSES)
    (source / "bee" / "1.png").write_bytes(bomb.getvalue())
    refused(source, data_dir, "bee/1.png", "pixels", side=10, colour="grey")


def test_that_turned_transparent_and_deep_pictures_are_brought_to_one_form(folder, data_dir: Path) -> None:
    files: dict[str, bytes] = {}

    def put(path: str, image: Image.Image, **options) -> None:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG" if path.endswith("jpg") else "PNG", **options)
        files[path] = buffer.getvalue()

    exif = Image.Exif()
    exif[0x0112] = 6  # taken with the camera on its side: turn clockwise to see it upright
    half = np.zeros((16, 32), np.uint8)
    half[:, :16] = 255
    for k in range(2):
        put(f"turned/{k}.jpg", Image.fromarray(half), exif=exif, quality=95)
        put(f"clear/{k}.png", Image.new("RGBA", (16, 16), (0, 0, 0, 0)))
        put(f"deep/{k}.png", Image.fromarray(np.full((16, 16), 65535, np.uint16)))
    added = add(folder(files), data_dir, side=16, colour="grey")
    pixels = library.read_array(data_dir, added)
    clear, deep, turned = pixels[0], pixels[2], pixels[4]
    assert clear.min() == 255, "see-through parts are white paper"
    assert deep.min() == 255
    assert turned[0].mean() > 200 > 50 > turned[-1].mean(), "the bright half is above after turning"


def test_that_inverted_ink_is_bright(folder, picture, data_dir: Path) -> None:
    added = add(folder({f"{one}/{k}.png": picture(255) for one in CLASSES for k in range(2)}), data_dir, invert=True)
    assert library.read_array(data_dir, added).max() == 0


def test_that_a_class_of_one_picture_is_left_out_with_a_reason(folder, picture, data_dir: Path) -> None:
    source = folder(CLASSES)
    folder({"lonely/1.png": picture()})
    added = add(source, data_dir)
    assert "lonely" not in [group.name for group in added.groups]
    assert added.dropped == ("lonely: one picture alone; a class needs at least 2",)


def test_that_loose_pictures_and_empty_folders_are_refused(folder, picture, data_dir: Path, tmp_path: Path) -> None:
    refused(folder({"1.png": picture(), "dog/1.png": picture()}), data_dir, "1.png", "class folder")
    (tmp_path / "nothing").mkdir()
    refused(tmp_path / "nothing", data_dir, "no pictures")


# --- numpy archives --------------------------------------------------------------------------------------------------


def test_that_an_archive_keeps_names_and_splits_of_classes(archive, data_dir: Path) -> None:
    source = archive(
        images=np.arange(12, dtype=np.uint8)[:, None, None] * np.ones((1, 5, 5), np.uint8),
        label=np.array([2, 0, 1, 3] * 3),
        class_name=np.array(["a", "b", "c", "d"]),
        split=np.array(["train", "train", "val", "test"]),
    )
    added = add(source, data_dir)
    assert {group.name: group.split for group in added.groups} == {
        "a": "train",
        "b": "train",
        "c": "validation",
        "d": "test",
    }
    assert library.read_array(data_dir, added)[:3, 0, 0].tolist() == [1, 5, 9]


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": np.zeros(3)}, ("'images'", "label")),
        ({"images": np.zeros((3, 4, 4), np.uint8)}, ("'label'",)),
        ({"images": np.zeros((3, 4), np.uint8), "label": np.zeros(3, int)}, ("shape",)),
        ({"images": np.zeros((3, 4, 5), np.uint8), "label": np.zeros(3, int)}, ("squares",)),
        ({"images": np.full((3, 4, 4), 7.0), "label": np.zeros(3, int)}, ("0..1",)),
        ({"images": np.zeros((3, 4, 4), np.uint8), "label": np.zeros(2, int)}, ("label", "3")),
        ({"images": np.zeros((3, 4, 4), np.uint8), "label": np.array([{}] * 3)}, ("Python objects",)),
    ],
)
def test_that_an_archive_that_does_not_fit_is_refused(archive, data_dir: Path, arrays, words) -> None:
    refused(archive(**arrays), data_dir, "arrays.npz", *words)


def test_that_a_pickle_is_never_opened(tmp_path: Path, data_dir: Path) -> None:
    (tmp_path / "cache.pkl").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    refused(tmp_path / "cache.pkl", data_dir, "pickle", "run code")


# --- tables ----------------------------------------------------------------------------------------------------------


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def rows(tasks: int = 5, points: int = 3, header: str = "task,x,y") -> str:
    return "\n".join([header, *(f"t{task},{point},{task + point}" for task in range(tasks) for point in range(points))])


def test_that_a_table_is_standardised_by_its_training_tasks(tmp_path: Path, data_dir: Path) -> None:
    text = "task,x,y,split\n" + "\n".join(
        f"{task},{x},{y},{split}"
        for task, split, offset in [("a", "train", 0), ("b", "train", 10), ("c", "val", 99), ("d", "test", 99)]
        for x, y in [(0, offset), (2, offset + 2)]
    )
    added = add(table(tmp_path, text), data_dir)
    assert added.columns == ("x", "y")
    assert added.centre == (1.0, 6.0)
    assert added.scale[0] == 1.0
    assert added.scale[1] == pytest.approx(np.std([0, 2, 10, 12]))


def test_that_several_inputs_and_ragged_tasks_are_taken(tmp_path: Path, data_dir: Path) -> None:
    text = "task;height;width;price\n" + "\n".join(
        f"t{task};{point};{-point};{task}" for task in range(4) for point in range(2 + task)
    )
    added = add(table(tmp_path, text), data_dir)
    assert added.columns == ("height", "width", "price")
    assert [group.count for group in added.groups] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("empty",)),
        ("a,b\n1,2", ("first line", "task,x,y")),
        ("task,x,y\nt,1,high", ("line 2", "column y", "'high'")),
        ("task,x,y\nt,1,2\nt,nan,2", ("line 3", "column x", "not finite")),
        ("task,x,y\nt,1", ("line 2", "2 columns")),
        ("task,x,y,split\nt,1,2,train\nt,1,2,test", ("line 3", "'t'", "train", "test")),
        ("task,x,y,split\nt,1,2,mine", ("line 2", "'mine'")),
        ("task,x,y\na,1,2\nb,1,2", ("2 points or more",)),
    ],
)
def test_that_a_table_that_does_not_fit_is_refused_with_its_line(tmp_path: Path, data_dir: Path, text, words) -> None:
    refused(table(tmp_path, text), data_dir, "table.csv", *words)


def test_that_a_task_of_one_point_is_left_out_with_a_reason(tmp_path: Path, data_dir: Path) -> None:
    added = add(table(tmp_path, rows() + "\nlonely,1,2"), data_dir)
    assert added.dropped == ("lonely: one point alone; a task needs at least 2",)


def test_that_text_of_another_encoding_is_refused(tmp_path: Path, data_dir: Path) -> None:
    (tmp_path / "table.csv").write_bytes(rows().encode("utf-16"))
    refused(tmp_path / "table.csv", data_dir, "UTF-8")


# --- what is installed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["omniglot", "sinusoid", "../evil", "a b", "", "-x", "ä"])
def test_that_names_that_cannot_be_are_refused(folder, data_dir: Path, name: str) -> None:
    with pytest.raises(InvalidValueError):
        add(folder(CLASSES), data_dir, name)


def test_that_a_failed_addition_leaves_the_earlier_data_set(folder, tmp_path: Path, data_dir: Path) -> None:
    before = add(folder(CLASSES), data_dir)
    with pytest.raises(DataError):
        add(table(tmp_path, "task,x,y\nt,1,high"), data_dir)
    assert library.check(data_dir, "mine") == before


def test_that_a_flipped_bit_and_a_changed_split_are_found(folder, data_dir: Path) -> None:
    add(folder(CLASSES), data_dir)
    path = data_dir / "mine" / "images.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="not what was added"):
        library.check(data_dir, "mine")
    content[-1] ^= 1
    path.write_bytes(content)
    description = data_dir / "mine" / library.DESCRIPTION
    description.write_text(description.read_text().replace('"test"', '"train"', 1))
    with pytest.raises(DataError, match="split was changed"):
        library.check(data_dir, "mine")


def test_that_removing_deletes_the_copy_and_not_the_source(folder, data_dir: Path) -> None:
    source = folder(CLASSES)
    add(source, data_dir)
    library.remove(data_dir, "mine")
    assert library.installed_names(data_dir) == []
    assert len(list(source.rglob("*.png"))) == 18
    with pytest.raises(DataError, match="no data set"):
        library.remove(data_dir, "mine")


def test_that_a_path_is_no_name(data_dir: Path) -> None:
    with pytest.raises(DataError, match="no data set"):
        library.remove(data_dir / "datasets", "../datasets")


def test_that_real_sets_are_read(real_data: Path, data_dir: Path) -> None:
    doodles = add(real_data / "quickdraw" / "quickdraw_28.npz", data_dir, "doodles")
    assert {split: len(doodles.of_split(split)) for split in ("train", "validation", "test")} == {
        "train": 220,
        "validation": 55,
        "test": 69,
    }
    for path in sorted((real_data / "regression").glob("*.csv")):
        add(path, data_dir, path.stem)
    assert len(library.installed_names(data_dir)) == 10


@pytest.mark.slow
def test_that_the_photographs_import_as_a_plain_folder(real_data: Path, data_dir: Path) -> None:
    photos = add(real_data / "mini_imagenet_subset" / "mini_imagenet_100x30.zip", data_dir, "photos")
    assert (len(photos.groups), photos.examples, photos.side, photos.channels) == (100, 3000, 84, 3)
    assert [len(photos.of_split(split)) for split in ("train", "validation", "test")] == [64, 16, 20]
