"""The window with its training in a thread of the same process, which a person has to choose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from metagui.config import apply_overrides, load_preset
from metagui.gui.workbench import Workbench


def test_that_a_run_in_the_windows_own_process_ends_well(qapp: Any, qtbot: Any, data_dir: Path) -> None:
    bench = Workbench(qapp, data_dir, "dark", host="thread")
    try:
        small = ["outer.steps=5", "outer.validation_tasks=4", "compute.device=cpu", "compute.threads=1"]
        bench.window.form.load(apply_overrides(load_preset("sinusoid-maml").config, small))
        with qtbot.waitSignal(bench.controller.ended, timeout=60_000) as ended:
            bench.start()
        run_id, status, _reason = ended.args
        assert status == "finished"
        assert bench.store.last_values(run_id)["outer_loss"] > 0
    finally:
        bench.close()
        bench.window.deleteLater()
