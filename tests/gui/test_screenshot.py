from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from metagui.errors import EnvironmentProblemError, InvalidValueError
from metagui.gui.screenshot import take
from metagui.gui.theme import LIGHT


@pytest.mark.slow
def test_that_a_picture_shows_a_real_run_and_leaves_nothing_behind(qapp: object, data_dir: Path) -> None:
    out = data_dir / "pictures" / "window.png"
    take(out, data_dir=data_dir, theme="light", size=(1300, 760), page="adaptation", presets=["sinusoid-maml"], steps=5)
    picture = QImage(str(out))
    assert (picture.width(), picture.height()) == (1300, 760)
    assert picture.pixelColor(3, 3).name() == LIGHT.window
    colours = {picture.pixel(x, y) for x in range(320, 960, 3) for y in range(120, 700, 3)}
    assert len(colours) > 200, "no cards are to be seen"
    assert sorted(path.name for path in data_dir.iterdir()) == ["pictures"]


def test_that_an_unknown_preset_is_refused_before_a_window_opens(qapp: object, data_dir: Path) -> None:
    with pytest.raises(InvalidValueError, match="sinusoid-maml"):
        take(data_dir / "a.png", data_dir=data_dir, presets=["sinusoid-mamal"])
    assert list(data_dir.iterdir()) == []


def test_that_a_place_that_cannot_be_written_is_refused_before_training(qapp: object, data_dir: Path) -> None:
    (data_dir / "file").write_text("in the way")
    with pytest.raises(EnvironmentProblemError, match=r"b\.png"):
        take(data_dir / "file" / "b.png", data_dir=data_dir)
