"""What is skipped has to say what it needs."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).parent / "conftest.py"


@pytest.mark.parametrize(("reason", "outcome"), [("needs a CUDA device", {"skipped": 1}), ("not today", {"failed": 1})])
def test_that_only_a_skip_with_a_need_passes(pytester: pytest.Pytester, reason: str, outcome: dict[str, int]) -> None:
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile(f"import pytest\ndef test_it():\n    pytest.skip({reason!r})\n")
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(**outcome)
