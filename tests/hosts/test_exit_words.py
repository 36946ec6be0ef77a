from __future__ import annotations

import pytest

from metagui.hosts.exit_words import exit_words, last_error


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-9, "memory ran out"),
        (-11, "segmentation fault"),
        (-250, "signal 250"),
        (0xC0000005, "access violation"),
        (0, "without saying why"),
        (3, "exit code 3"),
        (None, "closed its connection"),
    ],
)
def test_that_every_exit_has_words(code: int | None, words: str) -> None:
    assert words in exit_words(code)


def test_that_the_last_error_of_a_traceback_is_found() -> None:
    output = "chatter: 5\nTraceback (most recent call last):\n  x\nModuleNotFoundError: No module named 'torch'\nbye"
    assert last_error(output) == "ModuleNotFoundError: No module named 'torch'"
    assert last_error("torch.OutOfMemoryError: CUDA out of memory") == "torch.OutOfMemoryError: CUDA out of memory"
    assert last_error("step: 5\nall is well") == ""
