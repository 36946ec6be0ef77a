"""The list of runs."""

from metagui.gui.runs.panel import RunsPanel
from metagui.gui.runs.table_model import RunRow, RunsTableModel

__all__ = ["RunRow", "RunsPanel", "RunsTableModel"]
