"""``metagui`` without a command: the window."""

from __future__ import annotations

import argparse

from metagui.cli.parser import data_dir_of
from metagui.errors import EnvironmentProblemError
from metagui.screen import DEBIAN_PACKAGES, screen_problem

THEMES = ("system", "dark", "light", "high-contrast")
HOSTS = ("child", "thread")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--theme", choices=THEMES, default="system", help="look of the window (default: the system's)")
    parser.add_argument(
        "--host",
        choices=HOSTS,
        default="child",
        help="where training runs: in a process of its own, or in a thread of the window, for debugging "
        "(default: child)",
    )


def run(args: argparse.Namespace) -> int:
    problem = screen_problem()
    if problem:
        raise EnvironmentProblemError(problem)
    with_qt()
    from metagui.gui.app import run_app

    return run_app(data_dir_of(args), args.theme, args.host)


def with_qt() -> None:
    """Raises EnvironmentProblemError, with the packages to install, where Qt's libraries cannot be loaded."""
    try:
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        raise EnvironmentProblemError(
            f"Qt cannot be loaded ({error}); on Debian or Ubuntu: apt-get install {DEBIAN_PACKAGES}; "
            "training needs no window: metagui train"
        ) from None
