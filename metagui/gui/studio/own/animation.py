"""Pictures of an adaptation, step by step, as an animated GIF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from metagui.errors import DataError

MOST_FRAMES = 60
_FIRST_MS, _LAST_MS, _SECONDS = 700, 1600, 2.6


def steps_shown(steps: int) -> list[int]:
    """0 to ``steps``, evenly left out where there are too many."""
    count = min(steps + 1, MOST_FRAMES)
    return sorted({round(index * steps / max(count - 1, 1)) for index in range(count)})


def write_gif(frames: Sequence[npt.NDArray[np.uint8]], path: Path) -> Path:
    """``frames`` [H, W, 3] of one size; the first and the last stand still for a while. Raises DataError."""
    between = round(min(400, max(40, 1000 * _SECONDS / len(frames))))
    times = [between] * len(frames)
    times[0], times[-1] = _FIRST_MS, _LAST_MS
    # One palette for all: colours do not flicker from frame to frame.
    palette = Image.fromarray(frames[-1]).quantize(255, method=Image.Quantize.MEDIANCUT)
    pictures = [Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    try:
        pictures[0].save(path, "GIF", save_all=True, append_images=pictures[1:], duration=times, loop=0, optimize=False)
    except OSError as error:
        raise DataError(f"{path.name} cannot be written: {error.strerror or error}") from error
    return path
