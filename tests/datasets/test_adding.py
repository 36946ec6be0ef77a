"""From a person's files to an installed data set, and what is refused on the way."""

from __future__ import annotations

import errno
import io
import os
import unicodedata
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from metagui.datasets import files, image_folders, library
from metagui.datasets.adding import add_dataset
from metagui.datasets.content import Options
from metagui.datasets.pictures import decoded
from metagui.datasets.preview import draw_preview
from metagui.datasets.splits import pinned_splits, split_hash
from metagui.errors import DataError, InvalidValueError, MetaguiError, StoreError

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


@pytest.fixture
def links(tmp_path: Path) -> None:
    """Skips where a person may make no links."""
    try:
        (tmp_path / "link").symlink_to(tmp_path)
        (tmp_path / "link").unlink()
    except OSError:
        pytest.skip("needs the right to make symbolic links")


@pytest.mark.usefixtures("links")
def test_that_linked_classes_are_read_and_links_in_circles_are_not_followed(folder, data_dir: Path) -> None:
    elsewhere, source = folder(CLASSES, "elsewhere"), folder(CLASSES[:3])
    for name in CLASSES[3:]:
        (source / name).symlink_to(elsewhere / name, target_is_directory=True)
    (source / "ant" / "0.png").unlink()
    (source / "ant" / "0.png").symlink_to(elsewhere / "ant" / "0.png")
    (source / "ant" / "round").symlink_to(source, target_is_directory=True)
    linked = add(source, data_dir)
    assert {group.name for group in linked.groups} == set(CLASSES)
    assert linked.sha256 == add(elsewhere, data_dir).sha256


@pytest.mark.usefixtures("links")
def test_that_what_is_no_file_is_named_and_never_waited_for(folder, data_dir: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("needs named pipes")
    source = folder(CLASSES)
    (source / "bee" / "dangling.png").symlink_to(source / "nowhere.png")
    os.mkfifo(source / "bee" / "pipe.png")  # reading it would wait for a writer for ever
    refused(source, data_dir, "dangling.png", "pipe.png", "--skip-broken")


def test_that_more_pictures_than_memory_holds_are_refused_before_they_are_read(
    folder, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_folders.psutil, "virtual_memory", lambda: SimpleNamespace(available=3599))
    source = folder(CLASSES)  # 18 pictures of 100 pixels, twice
    refused(source, data_dir, "18 pictures", "3,600 bytes", "--side", colour="grey")
    assert add(source, data_dir, colour="grey", side=9).examples == 18


def test_that_a_huge_file_is_refused_unread(folder, data_dir: Path) -> None:
    source = folder(CLASSES)
    with (source / "bee" / "1.png").open("ab") as file:
        file.truncate(files.LARGEST_FILE + 1)
    refused(source, data_dir, "bee/1.png", "at most")


def test_that_names_that_are_no_unicode_or_cannot_be_printed_are_spelt_out(picture, data_dir: Path, tmp_path) -> None:
    source = tmp_path / "p"
    for name in (b"\xff\xfe", b"\xff\xfd", b"a\nb", b"c\x1b[2J"):
        one = Path(os.fsdecode(os.fsencode(source) + b"/" + name))
        try:
            one.mkdir(parents=True)
        except OSError:
            pytest.skip("needs a file system that takes any bytes as a name")
        for k in range(2):
            (one / f"{k}.png").write_bytes(picture(k))
    names = [group.name for group in add(source, data_dir).groups]
    assert len(names) == 4
    assert all(name.isprintable() for name in names)
    draw_preview(data_dir, "mine", tmp_path / "p.png", ways=1, queries=1)


def test_that_accents_in_one_code_or_two_make_no_difference_to_the_split() -> None:
    names = ["é", "ü", "à", *map(str, range(20))]
    one, two = (pinned_splits([unicodedata.normalize(form, name) for name in names]) for form in ("NFC", "NFD"))
    assert list(one.values()) == list(two.values())
    assert split_hash(one) == split_hash(two)


def test_that_splits_beside_other_folders_are_refused(folder, picture, data_dir: Path) -> None:
    places = ["train/ant", "train/bee", "test/ant", "val/cat", "extra/dog"]
    source = folder({f"{place}/{k}.png": picture() for place in places for k in range(2)})
    refused(source, data_dir, "test, train, val", "extra")


def test_that_a_zip_made_on_windows_is_read(data_dir: Path, tmp_path: Path, picture) -> None:
    packed = tmp_path / "windows.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name in CLASSES:
            for k in range(2):
                archive.writestr(f"top\\{name}\\{k}.png", picture(k))
    assert [group.name for group in add(packed, data_dir).groups] == CLASSES
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("..\\evil\\1.png", picture())
    with pytest.raises(DataError, match="leads out"):
        add(packed, data_dir)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP"])
def test_that_no_damage_to_a_picture_ends_in_a_crash(form: str) -> None:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (24, 24, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(pixels).save(buffer, form, exif=exif)
    whole, draw = buffer.getvalue(), np.random.default_rng(1)
    for _ in range(300):
        hurt = bytearray(whole)
        for place in draw.integers(0, len(hurt), 6):
            hurt[place] = draw.integers(256)
        try:
            assert decoded(bytes(hurt), "x", 8, "grey").shape == (8, 8)
        except DataError:
            continue


def test_that_a_dark_picture_of_sixteen_bits_stays_dark(folder, data_dir: Path) -> None:
    files: dict[str, bytes] = {}
    for name in CLASSES:
        for k, shade in enumerate((200, 65535)):
            buffer = io.BytesIO()
            Image.fromarray(np.full((8, 8), shade, np.uint16)).save(buffer, "PNG")
            files[f"{name}/{k}.png"] = buffer.getvalue()
    assert sorted({int(shade) for shade in library.read_array(data_dir, add(folder(files), data_dir)).flat}) == [1, 255]


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
        ({"images": np.full((3, 4, 4), 300, np.uint16), "label": np.zeros(3, int)}, ("0..255",)),
        ({"images": np.full((3, 4, 4), "a"), "label": np.zeros(3, int)}, ("images", "uint8")),
        ({"images": np.full((3, 4, 4), 1j), "label": np.zeros(3, int)}, ("images", "uint8")),
        (
            {
                "images": np.zeros((4, 4, 4), np.uint8),
                "label": np.array([0, 0, 1, 1]),
                "class_name": np.array(["a", "b", "c", "c"]),
            },
            ("'a'", "'b'", "class_name"),
        ),
        ({"images": np.zeros((3, 4, 4), np.uint8), "label": np.zeros(3, int), "split": np.zeros((3, 3))}, ("split",)),
    ],
)
def test_that_an_archive_that_does_not_fit_is_refused(archive, data_dir: Path, arrays, words) -> None:
    refused(archive(**arrays), data_dir, "arrays.npz", *words)


def test_that_names_may_be_given_for_every_picture_and_as_bytes(archive, data_dir: Path) -> None:
    source = archive(
        images=np.zeros((8, 4, 4), np.uint8),
        label=np.repeat([0, 5, 7, 9], 2),
        class_name=np.repeat(np.array([b"d\xc3\xb6n", b"b", b"c", b"a"]), 2),
        anything_else=np.array([{}]),
    )
    assert [group.name for group in add(source, data_dir).groups] == ["dön", "b", "c", "a"]


def test_that_an_array_that_claims_to_be_huge_is_refused(data_dir: Path, tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (1 << 50, 4, 4)})
    with zipfile.ZipFile(tmp_path / "liar.npz", "w") as packed:
        packed.writestr("images.npy", header.getvalue())
    refused(tmp_path / "liar.npz", data_dir, "liar.npz", "no readable numpy archive")


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
        ("task,x,y\n\nt,1,1e308", ("line 3", "column y", "too large")),
        ('task,x,y\n"a\nb",1,2\nt,1,high', ("line 4", "'high'")),
    ],
)
def test_that_a_table_that_does_not_fit_is_refused_with_its_line(tmp_path: Path, data_dir: Path, text, words) -> None:
    refused(table(tmp_path, text), data_dir, "table.csv", *words)


def test_that_a_column_of_one_number_is_not_scaled_by_its_rounding(tmp_path: Path, data_dir: Path) -> None:
    added = add(
        table(tmp_path, "task,x,c,y\n" + "\n".join(f"t{k},{p},0.1,{p}" for k in range(9) for p in range(9))), data_dir
    )
    assert added.scale[1] == 1.0


def test_that_a_task_of_one_point_is_left_out_with_a_reason(tmp_path: Path, data_dir: Path) -> None:
    added = add(table(tmp_path, rows() + "\nlonely,1,2"), data_dir)
    assert added.dropped == ("lonely: one point alone; a task needs at least 2",)


def test_that_text_of_another_encoding_is_refused(tmp_path: Path, data_dir: Path) -> None:
    (tmp_path / "table.csv").write_bytes(rows().encode("utf-16"))
    refused(tmp_path / "table.csv", data_dir, "UTF-8")


# --- what is installed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["omniglot", "Omniglot", "sinusoid", "../evil", "a b", "", "-x", "ä", "con", "LPT1"])
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
    (path,) = (data_dir / "mine").glob("images-*.npy")
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


def test_that_names_that_differ_in_case_alone_are_refused(folder, data_dir: Path) -> None:
    add(folder(CLASSES), data_dir, "Birds")
    with pytest.raises(InvalidValueError, match="'Birds' in case"):
        add(folder(CLASSES), data_dir, "birds")
    with pytest.raises(DataError, match="no data set 'birds'"):
        library.read_description(data_dir, "birds")


def test_that_a_disk_that_fills_up_leaves_the_earlier_data_set(folder, data_dir: Path, monkeypatch) -> None:
    before, put = add(folder(CLASSES), data_dir), library._replace

    def full(path: Path, content) -> None:
        def write(file) -> None:
            content(file)
            raise OSError(errno.ENOSPC, "No space left on device")

        put(path, write if path.name == library.DESCRIPTION else content)

    monkeypatch.setattr(library, "_replace", full)  # the array still fits, its description does not
    with pytest.raises(StoreError, match="No space left"):
        add(folder(CLASSES[:4], "others"), data_dir)
    with pytest.raises(StoreError, match="No space left"):
        add(folder(CLASSES[:4], "others"), data_dir, "another")
    assert library.check(data_dir, "mine") == before
    assert not (data_dir / "another").exists()


def test_that_replacing_and_removing_leave_nothing_of_ours_and_all_of_others(folder, data_dir: Path) -> None:
    source = folder(CLASSES)
    source.rename(data_dir / "mine")  # a person may well keep the pictures where the data set goes
    add(data_dir / "mine", data_dir)
    add(folder(CLASSES[:4], "others"), data_dir)
    assert len(list((data_dir / "mine").glob("*.npy"))) == 1
    library.remove(data_dir, "mine")
    assert len(list((data_dir / "mine").rglob("*.png"))) == 18
    assert [path.name for path in (data_dir / "mine").iterdir() if path.is_file()] == []


@pytest.mark.parametrize(
    "change",
    [
        ('"name": "mine"', '"name": "../mine"'),
        ('"count": 3', '"count": 30'),
        ('"first": 3', '"first": 0'),
        ('"sha256": "', '"sha256": "../'),
        ('"side": 10', '"side": 5'),
        ('"kind": "images"', '"kind": "curves"'),
        ('"format": 2', '"format": 7'),
        ("{", ""),
    ],
)
def test_that_a_description_that_was_tampered_with_is_refused_and_can_be_removed(
    folder, data_dir: Path, change: tuple[str, str]
) -> None:
    add(folder(CLASSES), data_dir)
    path = data_dir / "mine" / library.DESCRIPTION
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(*change, 1))
    with pytest.raises(DataError, match=r"damaged|another version"):
        library.read_array(data_dir, library.read_description(data_dir, "mine"))
    library.remove(data_dir, "mine")
    assert library.installed_names(data_dir) == []
    assert not (data_dir / "mine").exists()


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
