"""How many characters drawn by hand a checkpoint recognises: 5-way 1-shot, one query after another, as on the board.

The strokes are written out below, five characters a set; each drawing is one of them turned, stretched, moved and
trembled a little. They take the way of everything that is drawn in the studio: the pen of the data set, the inner loop,
the query judged in the company of the support pictures where batch norm asks for it. No data set is needed.

    python -m benchmarks.drawn_characters CHECKPOINT
    python -m benchmarks.drawn_characters CHECKPOINT --rounds 50 --png drawings.png
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from metagui.config import parse
from metagui.datasets.ink import Picture, Preparation, preparation_of
from metagui.engine.readiness import saved_network
from metagui.engine.studio import study
from metagui.events import Array
from metagui.studio import Network, OwnTask, Study

Line = npt.NDArray[np.float64]
Character = list[Line]

WAYS = 5
QUERIES = 3
"""Of each class and round."""


def line(*points: tuple[float, float]) -> Line:
    return np.array(points, np.float64)


def arc(x: float, y: float, width: float, height: float, start: float, end: float) -> Line:
    """Part of an ellipse around (x, y), from one angle to another in turns, clockwise as y points down."""
    angles = 2 * np.pi * np.linspace(start, end, 24)
    return np.stack([x + width * np.cos(angles), y + height * np.sin(angles)], axis=1)


SETS: dict[str, dict[str, Character]] = {
    "A O 7 S T": {
        "A": [line((0.3, 0.8), (0.5, 0.2), (0.7, 0.8)), line((0.38, 0.58), (0.62, 0.58))],
        "O": [arc(0.5, 0.5, 0.24, 0.3, 0, 1)],
        "7": [line((0.3, 0.25), (0.7, 0.25), (0.45, 0.8))],
        "S": [np.concatenate([arc(0.5, 0.35, 0.18, 0.14, 0, -0.75), arc(0.5, 0.63, 0.18, 0.14, -0.25, 0.4)])],
        "T": [line((0.28, 0.25), (0.72, 0.25)), line((0.5, 0.25), (0.5, 0.8))],
    },
    "E X U P 4": {
        "E": [line((0.68, 0.22), (0.34, 0.22), (0.34, 0.8), (0.68, 0.8)), line((0.34, 0.5), (0.6, 0.5))],
        "X": [line((0.3, 0.22), (0.7, 0.8)), line((0.7, 0.22), (0.3, 0.8))],
        "U": [np.concatenate([line((0.3, 0.22)), arc(0.5, 0.6, 0.2, 0.2, 0.5, 0), line((0.7, 0.22))])],
        "P": [line((0.36, 0.82), (0.36, 0.2)), arc(0.36, 0.36, 0.28, 0.16, -0.25, 0.25)],
        "4": [line((0.6, 0.82), (0.6, 0.2), (0.28, 0.6), (0.74, 0.6))],
    },
    "Z Θ Ψ λ house": {
        "Z": [line((0.3, 0.25), (0.7, 0.25), (0.3, 0.78), (0.7, 0.78))],
        "Θ": [arc(0.5, 0.5, 0.22, 0.3, 0, 1), line((0.28, 0.5), (0.72, 0.5))],
        "Ψ": [arc(0.5, 0.35, 0.22, 0.25, 0.5, 0), line((0.5, 0.2), (0.5, 0.85))],
        "λ": [line((0.3, 0.22), (0.68, 0.8)), line((0.5, 0.5), (0.3, 0.8))],
        "house": [line((0.3, 0.8), (0.3, 0.45), (0.5, 0.22), (0.7, 0.45), (0.7, 0.8), (0.3, 0.8))],
    },
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path, help="of a network trained on glyphs or Omniglot, five ways or more")
    parser.add_argument("--rounds", type=int, default=20, help="tasks drawn of each set")
    parser.add_argument("--png", type=Path, help="where to save one task of each set as the network sees it")
    options = parser.parse_args(arguments)
    config = saved_network(str(options.checkpoint)).config
    preparation = preparation_of(parse(config).task, Path())
    network = Network(title="", config=config, checkpoint=str(options.checkpoint))
    random = np.random.default_rng(0)
    rows = []
    for name, characters in SETS.items():
        right = []
        for _ in range(options.rounds):
            support, queries = _drawn(characters, preparation, random)
            right += [_recognised(network, support, query) == label for label, query in queries]
        rows.append(np.concatenate([support, np.stack([query for _, query in queries])[::QUERIES]]))
        share = float(np.mean(right))
        print(
            f"{name:<14} {share:.1%} ± {196 * (share * (1 - share) / len(right)) ** 0.5:.1f} % of {len(right)} queries"
        )
    if options.png:
        from PIL import Image

        sheet = np.concatenate([np.concatenate(list(row), axis=1) for row in rows])
        Image.fromarray((255 * sheet).astype(np.uint8)).resize(np.array(sheet.shape)[::-1] * 4, 0).save(options.png)
    return 0


def _drawn(
    characters: dict[str, Character], preparation: Preparation, random: np.random.Generator
) -> tuple[Picture, list[tuple[int, Picture]]]:
    """One picture of each character, and queries with their labels."""
    support = np.stack([preparation.drawn(_by_hand(each, random)) for each in characters.values()])
    queries = [
        (label, preparation.drawn(_by_hand(each, random)))
        for label, each in enumerate(characters.values())
        for _ in range(QUERIES)
    ]
    return support, queries


def _by_hand(character: Character, random: np.random.Generator) -> Character:
    turn = random.normal(0, 0.12)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * np.exp(random.normal(0, 0.1, 2))
    shift = random.normal(0, 0.03, 2)

    def trembled(stroke: Line) -> Line:
        drift = np.cumsum(random.normal(0, 0.004, stroke.shape), axis=0)
        return (stroke - 0.5) @ matrix.T + 0.5 + shift + drift + random.normal(0, 0.01, stroke.shape)

    return [trembled(stroke) for stroke in character]


def _recognised(network: Network, support: Picture, query: Picture) -> int:
    nothing = Array.of(np.zeros(0, np.float32))
    own = OwnTask(
        kind="images",
        title="drawn",
        support_x=Array.of(support),
        support_y=Array.of(np.arange(WAYS)),
        query_x=Array.of(query[None]),
        query_y=Array.of(np.array([-1])),
        grid=nothing,
        truth=nothing,
    )
    answer = study(Study(request=0, data_dir="", networks=(network,), own=own), lambda: False)
    assert answer is not None, "nobody else asks"
    (column,) = answer.columns
    if column.problem:
        raise SystemExit(column.problem)
    return int(column.tasks[0].predictions.numpy()[-1, 0].argmax())


if __name__ == "__main__":
    raise SystemExit(main())
