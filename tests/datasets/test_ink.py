"""What is drawn or brought becomes the pictures that networks were trained on."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from metagui.config.tasks import GlyphTasks, ImageTasks, OmniglotTasks, SinusoidTasks
from metagui.datasets.adding import add_dataset
from metagui.datasets.content import Options
from metagui.datasets.ink import Preparation, is_blank, omniglot_page, photo, preparation_of, soft_ink
from metagui.datasets.omniglot_install import install_omniglot, omniglot_folder
from metagui.datasets.omniglot_names import characters_of
from metagui.datasets.parts import read_description, read_images
from metagui.engine.tasks import glyph_drawing
from metagui.engine.tasks.glyph_programs import glyph_programs
from metagui.errors import DataError

OMNIGLOT = Preparation("omniglot", 28, 1, invert=True)
CROSS = [[[0.2, 0.2], [0.8, 0.8]], [[0.8, 0.2], [0.2, 0.8]]]


def test_that_an_original_drawing_becomes_the_stored_picture(real_data: Path, tmp_path: Path) -> None:
    archive = real_data / "omniglot" / "images_evaluation.zip"
    if not archive.is_file():
        pytest.skip("needs Omniglot's images_evaluation.zip")
    install_omniglot(archive, tmp_path, lambda done, total: None)
    folder = omniglot_folder(tmp_path)
    stored = read_images(folder, read_description(folder, "evaluation"))
    names = characters_of("evaluation")
    with zipfile.ZipFile(archive) as opened:
        for row in range(0, len(names), 40):
            drawer = row % 20
            members = [name for name in opened.namelist() if name.startswith(f"images_{names[row]}/")]
            data = opened.read(next(name for name in members if name.endswith(f"_{drawer + 1:02d}.png")))
            expected = stored[row, drawer].astype(np.float32) / 255
            inked = np.asarray(Image.open(io.BytesIO(data)).convert("L")) < 128
            np.testing.assert_array_equal(omniglot_page(inked), expected)
            dropped = tmp_path / "dropped.png"
            dropped.write_bytes(data)
            np.testing.assert_array_equal(OMNIGLOT.brought(dropped), expected)


def test_that_a_stroke_on_omniglots_page_is_five_pixels_wide_where_it_was_drawn() -> None:
    drawn = OMNIGLOT.drawn([[[0.5, 0.2], [0.5, 0.8]]])
    assert drawn.shape == (28, 28)
    assert drawn[14].sum() == pytest.approx(5 / 105 * 28, rel=0.15)  # what Lanczos takes below 0 is cut
    assert drawn[:3].max() < 0.1
    assert (drawn[14] * np.arange(28)).sum() / drawn[14].sum() == pytest.approx(13.5, abs=0.3)
    assert OMNIGLOT.drawn([[[0.5, 0.2], [0.5, 0.8]]], width=2)[14].sum() > 1.7 * drawn[14].sum()


def test_that_invented_characters_are_drawn_as_the_family_draws_them() -> None:
    programs = glyph_programs(torch.arange(12))
    random = torch.Generator().manual_seed(0)
    paths = glyph_drawing._on_paper(glyph_drawing._walk(programs, 1, random, 0.0), programs.present, random, 0.0)
    theirs = glyph_drawing._ink(paths[:, 0], programs.present, torch.full((12,), 0.56)).numpy()
    for character in range(12):
        strokes = [paths[character, 0, s].double().numpy() for s in range(4) if programs.present[character, s]]
        # The family puts three points on each segment, however long; long ones tell them from the whole integral.
        longest = max(np.hypot(*np.diff(stroke, axis=0).T).max() for stroke in strokes)
        np.testing.assert_allclose(soft_ink(strokes, 0.56), theirs[character], atol=1e-4 if longest < 1.5 else 0.1)
        fitted = Preparation("glyphs", 28, 1, True).drawn([stroke / 60 + 0.1 for stroke in strokes])
        np.testing.assert_allclose(
            fitted, soft_ink(strokes, 0.56), atol=1e-3
        )  # wherever and however large it was drawn


@pytest.mark.parametrize("manner", ["omniglot", "glyphs", "pictures"])
def test_that_dots_blanks_and_lines_off_the_page_are_drawn_without_trouble(manner) -> None:
    how = Preparation(manner, 28, 1, invert=True)
    assert is_blank(how.drawn([]))
    assert is_blank(how.drawn([np.zeros((0, 2))]))
    dot = how.drawn([[[0.5, 0.5]]])
    assert dot.max() > 0.4
    assert 0 < dot.mean() < 0.05
    assert not is_blank(how.drawn([[[-3.0, 0.5], [4.0, 0.5]], [[np.nan, 0.1]]]))
    assert how.drawn([[[0.1, 0.1], [0.9, 0.9]]]).dtype == np.float32


def test_that_own_pictures_are_drawn_on_a_ground_as_theirs(tmp_path: Path) -> None:
    for name, ground in (("paper", 255), ("night", 0)):
        for part in range(6):
            folder = tmp_path / name / f"class{part}"
            folder.mkdir(parents=True)
            for example in range(3):
                pixels = np.full((32, 32, 3), ground, np.uint8)
                pixels[10:20, 10 + example : 14 + example] = 128
                Image.fromarray(pixels).save(folder / f"{example}.png")
        add_dataset(name, tmp_path / name, tmp_path / "sets", Options(32, "rgb"))
    paper, night = (preparation_of(ImageTasks(dataset=name), tmp_path / "sets") for name in ("paper", "night"))
    assert (paper.side, paper.channels, paper.invert, night.invert) == (32, 3, False, True)
    assert paper.drawn(CROSS).shape == (32, 32, 3)
    np.testing.assert_allclose(paper.drawn(CROSS), 1 - night.drawn(CROSS), atol=1e-6)
    assert paper.drawn(CROSS)[0, 0, 0] == 1


def test_that_families_say_how_they_are_drawn(tmp_path: Path) -> None:
    assert preparation_of(OmniglotTasks(), tmp_path) == OMNIGLOT
    assert preparation_of(GlyphTasks(), tmp_path).manner == "glyphs"
    with pytest.raises(DataError, match="has no pictures"):
        preparation_of(SinusoidTasks(), tmp_path)
    with pytest.raises(DataError, match="no data set"):
        preparation_of(ImageTasks(dataset="nothing"), tmp_path)


def test_that_a_large_photo_is_read_and_turned_and_a_bomb_is_refused(tmp_path: Path) -> None:
    pixels = np.full((5000, 8000, 3), 250, np.uint8)
    pixels[:2500, 1500:4000] = 10  # top left of the middle square
    picture = Image.fromarray(pixels)
    turned = picture.getexif()
    turned[0x0112] = 3  # upside down
    picture.save(tmp_path / "large.jpg", exif=turned)
    shown = photo(tmp_path / "large.jpg", 28, 1, False)
    assert shown.shape == (28, 28)
    assert shown[20:, 20:27].max() < 0.1
    assert shown[:10].min() > 0.9
    np.testing.assert_allclose(photo(tmp_path / "large.jpg", 28, 1), 1 - shown, atol=1e-6)

    side = (100_000).to_bytes(4, "big")
    bomb = bytearray(_png(1, 1))
    bomb[16:24] = side + side
    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4, "big")
    (tmp_path / "bomb.png").write_bytes(bomb)
    with pytest.raises(DataError, match=r"too large|pixels"):
        photo(tmp_path / "bomb.png", 28, 1)
    (tmp_path / "words.png").write_text("not a picture")
    with pytest.raises(DataError, match="no picture"):
        photo(tmp_path / "words.png", 28, 1)
    with pytest.raises(DataError, match="cannot be read"):
        photo(tmp_path / "nowhere.png", 28, 1)


def test_that_pasted_pixels_are_laid_on_white_and_made_bright_on_dark() -> None:
    clear = np.zeros((60, 40, 4), np.uint8)
    clear[20:40, 10:30] = (0, 0, 0, 255)
    shown = photo(clear, 28, 1)
    assert shown[0, 0] == 0
    assert shown[14, 14] == 1
    np.testing.assert_allclose(photo((shown * 255).astype(np.uint8), 28, 1), shown, atol=1 / 255)  # dark already
    assert photo(clear[..., :3], 16, 3, False).shape == (16, 16, 3)
    with pytest.raises(DataError, match="no picture"):
        photo(np.zeros((3, 0), np.uint8), 28, 1)


def _png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()
