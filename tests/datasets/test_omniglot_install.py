"""Installing from a person's files: real zips of full size with cheap pictures, and the real ones where they lie."""

import io
import json
import os
import zipfile

import numpy as np
import pytest
from PIL import Image

from metagui.datasets.omniglot_install import install_omniglot
from metagui.datasets.omniglot_names import characters, characters_of
from metagui.datasets.parts import installed_datasets
from metagui.errors import DataError

FIRST = "images_evaluation/Angelic/character01/0001_01.png"


def quiet(done, total):
    pass


def tree(folder):
    """All files below a folder, with their content."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def refused(data_dir, install_stamped):
    """Asserts that a source is refused with this sentence, and that what was installed stays as it was."""
    install_stamped(data_dir, "evaluation")
    before = tree(data_dir)

    def check(source, match):
        with pytest.raises(DataError, match=match) as caught:
            install_omniglot(source, data_dir, quiet)
        assert tree(data_dir) == before
        assert "\n" not in str(caught.value)

    return check


def png(side=105):
    buffer = io.BytesIO()
    Image.new("1", (side, side), 1).save(buffer, "PNG")
    return buffer.getvalue()


# --- what is taken ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_that_one_zip_is_installed_as_its_part_with_provenance(evaluation_zip, data_dir):
    told = []
    installed = install_omniglot(evaluation_zip, data_dir, lambda done, total: told.append((done, total)))
    assert installed.parts == ("evaluation",)
    assert (installed.classes, installed.examples) == (659, 13180)
    assert "659 characters x 20 drawings" in installed.summary
    assert "add images_background.zip" in installed.summary
    assert told[-1] == (13180, 13180)
    assert told == sorted(told)

    images = np.load(data_dir / "omniglot" / "evaluation.npy")
    assert images.shape == (659, 20, 28, 28)
    assert images.dtype == np.uint8
    assert images[0, 0].max() == 255  # ink
    assert images[0, 0, 0, 0] == 0  # paper
    # The pictures repeat with (row + drawer) modulo 25, so order of characters and drawers shows.
    assert np.array_equal(images[3, 4], images[4, 3])
    assert np.array_equal(images[0, 10], images[10, 0])
    assert not np.array_equal(images[0, 0], images[0, 1])

    note = json.loads((data_dir / "omniglot" / "evaluation.json").read_text())
    assert note["source"] == str(evaluation_zip)
    assert note["class_names"] == list(characters_of("evaluation"))
    (listed,) = installed_datasets(data_dir)
    assert (listed.name, listed.classes, listed.examples, listed.parts) == ("omniglot", 659, 13180, ("evaluation",))
    assert str(evaluation_zip) in listed.provenance[0]
    assert listed.problem == ""


@pytest.mark.slow
def test_that_an_unpacked_folder_gives_the_same_beside_the_other_part(
    evaluation_zip, data_dir, tmp_path, install_stamped
):
    install_stamped(data_dir, "background")
    with zipfile.ZipFile(evaluation_zip) as archive:
        archive.extractall(tmp_path / "unpacked")
    (tmp_path / "unpacked" / "images_background_small1.zip").write_bytes(b"not looked at")
    (tmp_path / "unpacked" / "images_evaluation" / "Angelic" / ".DS_Store").write_bytes(b"not looked at")
    installed = install_omniglot(tmp_path / "unpacked", data_dir, quiet)
    assert installed.parts == ("background", "evaluation")
    assert (installed.classes, installed.examples) == (1623, 32460)
    assert "add " not in installed.summary
    from_folder = np.load(data_dir / "omniglot" / "evaluation.npy")
    install_omniglot(evaluation_zip, data_dir, quiet)
    assert np.array_equal(from_folder, np.load(data_dir / "omniglot" / "evaluation.npy"))


# --- what is refused ----------------------------------------------------------------------------------------------


def test_that_a_source_that_is_not_there_is_refused(refused, tmp_path):
    refused(tmp_path / "nowhere", r"nowhere does not exist: --from takes a folder with images_background\.zip")


def test_that_a_folder_without_omniglot_is_refused(refused, tmp_path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "images_background_small1.zip").write_bytes(b"PK")
    refused(tmp_path / "pictures", r"pictures holds nothing of Omniglot: --from takes a folder")


@pytest.mark.parametrize("content", [b"", b"no archive at all" * 100])
def test_that_a_file_that_is_no_zip_is_refused(refused, tmp_path, content):
    path = tmp_path / "images_evaluation.zip"
    path.write_bytes(content)
    refused(path, r"images_evaluation\.zip is not a readable zip archive.*download it again")
    refused(tmp_path, r"images_evaluation\.zip is not a readable zip archive")


def test_that_a_truncated_zip_is_refused(refused, evaluation_zip, tmp_path):
    path = tmp_path / "images_evaluation.zip"
    whole = evaluation_zip.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refused(path, r"images_evaluation\.zip is not a readable zip archive, perhaps cut short")


def test_that_a_foreign_zip_is_refused(refused, tmp_path):
    path = tmp_path / "holiday.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images_background_small1/Greek/character01/0001_01.png", png())
    refused(path, r"holiday\.zip is a zip archive, but not Omniglot's images_background\.zip")


def test_that_a_missing_drawing_is_named(refused, make_zip, tmp_path):
    path = make_zip(tmp_path / "images_evaluation.zip", changes={FIRST: None})
    refused(path, r"lacks 1 of 13,180 drawings, for example evaluation/Angelic/character01 by drawer 01: .*659 char")


def test_that_a_character_too_many_is_named(refused, make_zip, tmp_path):
    extra = "images_evaluation/Klingon/character01/9999_01.png"
    path = make_zip(tmp_path / "images_evaluation.zip", changes={extra: png()})
    refused(path, r"holds images_evaluation/Klingon/character01/9999_01\.png, which is not Omniglot's")


def test_that_a_drawing_held_twice_is_named(refused, make_zip, tmp_path):
    again = "images_evaluation/Angelic/character01/7777_01.png"
    path = make_zip(tmp_path / "images_evaluation.zip", changes={again: png()})
    refused(path, r"holds the same drawing twice")


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", r"0001_01\.png is no PNG picture"),
        (b"GIF89a" + b"\0" * 100, r"0001_01\.png is no PNG picture"),
        (png()[:60], r"0001_01\.png cannot be read"),
        (png(28), r"0001_01\.png has 28 x 28 pixels; a drawing of Omniglot has 105 x 105"),
        (png()[:16] + b"\x7f\xff\xff\xff" * 2 + png()[24:], r"2147483647 x 2147483647 pixels"),
        (bytes(200_000), r"0001_01\.png is 200,000 bytes, too large for a drawing"),
    ],
    ids=["empty", "gif", "truncated", "small", "bomb", "large"],
)
def test_that_an_unreadable_picture_is_named(refused, make_zip, tmp_path, content, match):
    refused(make_zip(tmp_path / "images_evaluation.zip", changes={FIRST: content}), match)


def test_that_a_damaged_member_is_named(refused, make_zip, tmp_path):
    path = make_zip(tmp_path / "images_evaluation.zip")
    content = bytearray(path.read_bytes())
    content[content.index(b"IDAT") + 6] ^= 0xFF  # of the first picture; the zip's own checksum notices
    path.write_bytes(content)
    refused(path, r"0001_01\.png cannot be read \(Bad CRC-32")


@pytest.mark.parametrize("name", ["../outside.png", "images_evaluation/../../outside.png", "/outside.png"])
def test_that_a_path_out_of_the_archive_is_refused_and_never_followed(refused, make_zip, tmp_path, name):
    path = make_zip(tmp_path / "images_evaluation.zip", changes={name: png()})
    refused(path, r"holds a path that leads out of the archive")
    assert not (tmp_path / "outside.png").exists()
    assert not (tmp_path.parent / "outside.png").exists()


def test_that_an_incomplete_folder_is_refused(refused, tmp_path):
    folder = tmp_path / "images_background" / "Greek" / "character01"
    folder.mkdir(parents=True)
    for drawer in range(1, 21):
        (folder / f"0394_{drawer:02d}.png").write_bytes(png())
    refused(tmp_path, r"images_background lacks 19,260 of 19,280 drawings.*964 characters.*images_background\.zip")
    refused(tmp_path / "images_background", r"images_background lacks 19,260 of 19,280 drawings")


# --- what can go wrong on the way ---------------------------------------------------------------------------------


def test_that_an_interrupted_install_leaves_what_was_there(evaluation_zip, data_dir, install_stamped):
    install_stamped(data_dir, "evaluation")
    before = tree(data_dir)

    def interrupt(done, total):
        if done >= 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install_omniglot(evaluation_zip, data_dir, interrupt)
    assert tree(data_dir) == before


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_that_a_full_disk_says_so_and_leaves_what_was_there(evaluation_zip, data_dir, install_stamped):
    import resource

    install_stamped(data_dir, "evaluation")
    before = tree(data_dir)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with pytest.raises(DataError, match=r"omniglot cannot be written \(File too large\): free about 30 MB"):
            install_omniglot(evaluation_zip, data_dir, quiet)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert tree(data_dir) == before


@pytest.mark.slow
def test_that_a_folder_that_cannot_be_written_is_named(evaluation_zip, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match=r"omniglot cannot be written.*--data-dir"):
        install_omniglot(evaluation_zip, tmp_path / "file", quiet)


# --- the real thing -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real_omniglot(real_data):
    folder = real_data / "omniglot"
    wanted = ["images_background.zip", "images_evaluation.zip", "omniglot_28.npz"]
    if not all((folder / name).is_file() for name in wanted):
        pytest.skip(f"needs {', '.join(wanted)} in omniglot/ of the real data")
    return folder


@pytest.mark.slow
def test_that_the_real_archives_give_exactly_the_reference_pictures(real_omniglot, data_dir):
    """One zip first, then the whole folder, which holds other files too."""
    alone = install_omniglot(real_omniglot / "images_background.zip", data_dir, quiet)
    assert (alone.parts, alone.classes) == (("background",), 964)
    both = install_omniglot(real_omniglot, data_dir, quiet)
    assert (both.parts, both.classes, both.examples) == (("background", "evaluation"), 1623, 32460)
    with np.load(real_omniglot / "omniglot_28.npz") as reference:
        assert reference["class_name"].tolist() == list(characters())
        expected = reference["images"].reshape(1623, 20, 28, 28)
    parts = [np.load(data_dir / "omniglot" / f"{part}.npy") for part in ("background", "evaluation")]
    assert np.array_equal(np.concatenate(parts), expected)


@pytest.mark.slow
def test_that_real_archives_unpacked_are_the_same(real_omniglot, data_dir, tmp_path):
    with zipfile.ZipFile(real_omniglot / "images_evaluation.zip") as archive:
        archive.extractall(tmp_path)
    installed = install_omniglot(tmp_path / "images_evaluation", data_dir, quiet)
    assert installed.parts == ("evaluation",)
    with np.load(real_omniglot / "omniglot_28.npz") as reference:
        expected = reference["images"].reshape(1623, 20, 28, 28)[964:]
    assert np.array_equal(np.load(data_dir / "omniglot" / "evaluation.npy"), expected)


@pytest.mark.slow
def test_that_the_real_small_background_set_is_told_apart(real_omniglot, data_dir):
    small = real_omniglot / "images_background_small1.zip"
    if not small.is_file():
        pytest.skip("needs images_background_small1.zip in omniglot/ of the real data")
    with pytest.raises(DataError, match=r"images_background_small1\.zip is a zip archive, but not Omniglot's"):
        install_omniglot(small, data_dir, quiet)
