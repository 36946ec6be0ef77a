"""Presenter mode from the main window: nothing of the window changes, whatever the talk does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from metagui.gui.waiting import wait, wait_until
from metagui.gui.workbench import Workbench

Open = Callable[..., Workbench]

TALK = """
[talk]
title = "A talk"

[[slide]]
id = "one"
title = "One"
page = "monitor"
action = [
  { do = "train", preset = "sinusoid-reptile", set = { "outer.steps" = 5 } },
  { do = "wait", finished = true },
]
"""


def whole_state(bench: Workbench) -> dict[str, Any]:
    window = bench.window
    return {
        # The columns of the list may fit themselves to the talk's runs, which other windows would show as well.
        "layout": replace(window.layout_state(), runs_header=b""),
        "size": (window.size(), window.pos(), window.windowState()),
        "page": window.tabs.currentIndex(),
        "form": window.form.config(),
        "runs on the monitor": window.monitor.runs,
        "chosen": window.runs.selected_run(),
        "banners": [banner.text for banner in window.banners.banners],
        "enabled": {action.objectName(): action.isEnabled() for action in window.actions_.all()},
    }


def test_that_a_talk_leaves_the_window_as_it_was(open_workbench: Open, tmp_path: Path) -> None:
    script = tmp_path / "talk.toml"
    script.write_text(TALK, encoding="utf-8")
    bench = open_workbench()
    bench.window.actions_["view.adaptation"].trigger()
    wait(0.1)
    before = whole_state(bench)
    bench.talks.present(str(script))
    presentation = bench.talks.presentation
    assert presentation is not None
    wait_until(lambda: presentation.talk.phase == "settled", 60, "the slide did not end")
    assert presentation.talk.failures == []
    presentation.leave()
    assert bench.talks.presentation is None
    wait(0.1)
    assert whole_state(bench) == before
    bench.runs.refresh()
    (record,) = bench.store.list()
    assert record.name == "talk: Reptile · Sinusoid"
    assert record.status == "finished"


def test_that_a_broken_script_is_told_with_its_line_and_no_talk_begins(open_workbench: Open, tmp_path: Path) -> None:
    script = tmp_path / "talk.toml"
    script.write_text(TALK.replace("finished", "finnished"), encoding="utf-8")
    bench = open_workbench()
    bench.talks.present(str(script))
    assert bench.talks.presentation is None
    (banner,) = bench.window.banners.banners
    assert "talk.toml:11: there is no 'finnished' in wait" in banner.text


def test_that_closing_the_program_ends_the_talk(open_workbench: Open) -> None:
    bench = open_workbench()
    bench.window.actions_["talk.present"].trigger()
    presentation = bench.talks.presentation
    assert presentation is not None
    assert presentation.audience.isFullScreen()
    bench.window.actions_["talk.present"].trigger()
    assert bench.talks.presentation is presentation, "one talk at a time"
    bench.window.close()
    assert bench.talks.presentation is None
