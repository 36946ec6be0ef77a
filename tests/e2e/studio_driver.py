"""Makes tasks by hand in the real window, in a process of its own: ``studio_driver.py SCENARIO DATA_DIR HAND``.

The networks are the shipped demonstrations, opened by a click on the welcome page. Prints what window_driver.py prints.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from drawings import CROSS, SHAPES, TEE, ink_file, unfolding_file
from hand import RIGHT, drop_file
from maker import BoardMaker, CurveMaker, PointsMaker

from metagui.events import Adaptation

FELT = 0.05
"""A change of the curve that can be seen."""


def curve(data_dir: Path, hand: str) -> None:
    """Add a point, drag it, take it away: the network's curve follows each time, and comes back in the end."""
    with CurveMaker(data_dir, hand) as maker:
        count, first, seen = len(maker.desk.sketch.points), maker.drawn(), maker.looks()

        maker.click_at(0.5, 4.0)
        added = maker.drawn()
        assert len(maker.desk.sketch.points) == count + 1
        assert np.allclose(maker.desk.sketch.points[-1], (0.5, 4.0), atol=0.1)
        assert np.abs(added - first).max() > FELT, "the curve does not know of the point"
        assert maker.looks() != seen

        def followed() -> None:
            maker.until(lambda: np.abs(maker.drawn() - added).max() > FELT, "the curve did not follow the drag")

        way = [(0.5 + 0.2 * share, 4.0 - 0.8 * share) for share in range(11)]
        maker.drag_along(way, before_release=followed)
        assert len(maker.desk.sketch.points) == count + 1
        assert np.allclose(maker.desk.sketch.points[-1], (2.5, -4.0), atol=0.1), "it was dropped elsewhere"

        maker.click_at(2.5, -4.0, RIGHT)
        assert len(maker.desk.sketch.points) == count
        assert np.allclose(maker.drawn(), first, atol=1e-4), "the same points, another curve"
        maker.window.close()


def killed_worker(data_dir: Path, hand: str) -> None:
    """kill -9 of the process that answers, at rest and in the middle: the task stays, and is answered."""
    with CurveMaker(data_dir, hand) as maker:
        maker.click_at(0.5, 4.0)
        made, drawn, killed = maker.desk.sketch, maker.drawn(), maker.worker_process()

        killed.send_signal(signal.SIGKILL)
        maker.until(lambda: bool(maker.window.banners.banners), "its death was not told")
        assert "It is started again" in maker.window.banners.banners[0].text
        maker.until(lambda: maker.window.status.health == "ready", "the worker was not started again")
        assert maker.worker_process().pid != killed.pid
        assert maker.desk.sketch == made
        assert np.array_equal(maker.drawn(), drawn), "what was answered is gone"

        killed = maker.worker_process()
        killed.send_signal(signal.SIGSTOP)  # so that it dies with the question unanswered
        maker.hand.click(maker.plot, maker.place(2.2, -4.0))
        maker.until(lambda: len(maker.desk.sketch.points) == len(made.points) + 1, "a click changed nothing")
        made = maker.desk.sketch
        killed.send_signal(signal.SIGKILL)
        killed.send_signal(signal.SIGCONT)
        maker.answer()
        assert maker.worker_process().pid != killed.pid
        assert maker.desk.sketch == made
        assert np.abs(maker.drawn() - drawn).max() > FELT
        maker.window.close()


def points(data_dir: Path, hand: str) -> None:
    """Paint two classes into an empty square, rub one out and paint it elsewhere: the boundary moves along."""
    with PointsMaker(data_dir, hand) as maker:
        maker.leave_two_classes()
        maker.press_clear()
        assert not maker.desk.editor.picture.regions.isVisible(), "an empty square has no boundary"
        maker.paint(0, -0.7)
        maker.says("'Class 2' has no support point")

        maker.paint(1, 0.7)
        answer = maker.answer()
        assert len(maker.desk.sketch.points) > 8
        assert {label for _, _, label in maker.desk.sketch.points} == {0, 1}
        assert (_taken_for(answer, -0.7), _taken_for(answer, 0.7)) == (0, 1)
        first = maker.regions()

        maker.rub_out(0.7)
        assert {label for _, _, label in maker.desk.sketch.points} == {0}
        maker.paint(1, 0.0)
        answer = maker.answer()
        assert (_taken_for(answer, -0.7), _taken_for(answer, 0.0)) == (0, 1)
        assert _moved(maker.regions(), first), "the boundary was not drawn anew"
        maker.window.close()


def _taken_for(answer: Adaptation, x: float) -> int:
    """The likeliest class at (x, 0), after the last step."""
    nearest = np.abs(answer.grid.numpy() - (x, 0.0)).sum(axis=1).argmin()
    return int(answer.predictions.numpy()[-1, nearest].argmax())


def _moved(now: npt.NDArray[np.uint8], before: npt.NDArray[np.uint8]) -> bool:
    """Whether at least a fiftieth of the picture has another colour."""
    return float((np.abs(now.astype(int) - before).max(axis=-1) > 20).mean()) > 0.02


def characters(data_dir: Path, hand: str) -> None:
    """Draw one of each class and three queries: each is taken for what it is. Undo and clear work on strokes."""
    with BoardMaker(data_dir, hand) as maker:
        for way, shape in enumerate(SHAPES):
            maker.draw((way, 0), shape)
        maker.says("Now draw a query")
        for query, way in enumerate((1, 3, 0)):
            maker.draw((-1, query), SHAPES[way])
            maker.sees_class(query, way)

        last, commands = maker.desk.sketch, maker.panel.commands
        maker.after(partial(maker.hand.click, commands.undo), "undo")
        assert len(maker.desk.sketch.queries[2].strokes) == len(CROSS) - 1
        maker.answer()
        maker.after(partial(maker.hand.click, commands.redo), "redo")
        assert maker.desk.sketch == last
        maker.sees_class(2, 0)

        maker.press_clear()
        assert all(bars.verdict is None for bars in maker.desk.board.bars)
        maker.says("Draw classes 1, 2, 3, 4 and 5")
        maker.after(partial(maker.hand.click, commands.undo), "undo of clear")
        assert maker.desk.sketch == last
        maker.sees_class(0, 1)
        maker.window.close()


def pictures(data_dir: Path, hand: str) -> None:
    """Drop files: pictures of ink are taken and told apart; what is broken or too large gets a sentence."""
    with BoardMaker(data_dir, hand) as maker:
        cells = maker.desk.board.cells
        for way, shape in enumerate(SHAPES):
            file = ink_file(data_dir / f"character-{way}.png", shape)
            maker.after(partial(drop_file, cells[way, 0], file), "a dropped file")
            assert maker.desk.sketch.support[way][0].picture is not None
        maker.draw((-1, 0), TEE)
        maker.sees_class(0, 1)

        kept = maker.desk.sketch
        broken = data_dir / "broken.png"
        broken.write_bytes(ink_file(data_dir / "whole.png", TEE).read_bytes()[:120])
        for file, words in (
            (broken, "broken.png cannot be read as a picture"),
            (unfolding_file(data_dir / "vast.png", 60_000), "vast.png is too large: at most 80,000,000 pixels"),
            (unfolding_file(data_dir / "large.png", 11_000), "large.png has 11,000 x 11,000 pixels"),
            (data_dir, "is no file: drop pictures, not folders"),
        ):
            assert drop_file(cells[2, 0], file), f"{file} was not let in"
            maker.says(words)
            assert maker.desk.sketch == kept, "a bad file changed the task"

        maker.draw((-1, 1), CROSS)  # and all goes on
        maker.sees_class(1, 0)
        maker.window.close()


SCENARIOS: dict[str, Callable[[Path, str], None]] = {
    scenario.__name__: scenario for scenario in (curve, killed_worker, points, characters, pictures)
}

if __name__ == "__main__":
    SCENARIOS[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
