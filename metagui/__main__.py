"""Where every process of metagui begins: the command line, the window, and its workers."""

from __future__ import annotations

import multiprocessing
import sys


def main() -> int:
    """Entry of the ``metagui`` command and of the frozen bundle; returns the exit code."""
    # First of all: in a frozen bundle libraries start helper processes by running the bundle again.
    multiprocessing.freeze_support()
    arguments = sys.argv[1:]
    if arguments[:1] == ["--worker"]:
        from metagui import worker

        worker.main(arguments[1:])
    if arguments[:1] == ["--probe-window"]:
        from metagui.cli import probe

        return probe.main()
    from metagui import cli

    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
