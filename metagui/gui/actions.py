"""Every command of the window, once: its words, icon, shortcut and when it applies.

Menus, toolbar, context menus and shortcuts are all fed from here, so that no command has two truths.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from metagui.gui.theme import Theme, icon


@dataclass(frozen=True, slots=True)
class WindowState:
    """What the enabling of commands depends on. ``run_state`` is the controller's word."""

    run_state: str = "idle"
    problem: str = ""
    """Why the experiment on the form cannot start; empty when it can."""
    run_selected: bool = False
    selected_can_continue: bool = False
    walking: bool = False
    """Whether the walk-through is on show and has moments to go to."""
    can_evaluate: bool = False
    evaluating: bool = False

    @property
    def idle(self) -> bool:
        return self.run_state == "idle"

    @property
    def steerable(self) -> bool:
        return self.run_state in ("starting", "running", "pausing", "paused")

    @property
    def holds(self) -> bool:
        return self.run_state in ("pausing", "paused")

    @property
    def can_start(self) -> bool:
        return self.idle and not self.problem


def _always(_state: WindowState) -> bool:
    return True


def _walking(state: WindowState) -> bool:
    return state.walking


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of the registry. ``group`` names a set of which exactly one is checked.

    ``shortcut`` may name several keys, with spaces between them; the first one is told in tips.
    """

    id: str
    text: str
    tooltip: str
    icon: str = ""
    shortcut: str = ""
    enabled: Callable[[WindowState], bool] = _always
    checkable: bool = False
    group: str = ""
    short: str = ""
    """What a button says where the menu says ``text``."""


COMMANDS: tuple[Command, ...] = (
    Command(
        "run.start", "&Start", "Train the experiment of the form as a new run", "play", "F9", lambda s: s.can_start
    ),
    Command(
        "run.pause",
        "&Pause",
        "Hold at the next inner step",
        "pause",
        "F6",
        lambda s: s.run_state in ("starting", "running"),
    ),
    Command("run.resume", "&Go on", "Train on from where it holds", "resume", "F6", lambda s: s.holds),
    Command(
        "run.step_inner",
        "One &inner step",
        "One inner step of every task of the meta-batch, then hold",
        "step-inner",
        "F10",
        lambda s: s.steerable,
        short="Step: inner step",
    ),
    Command(
        "run.step_task",
        "One &task",
        "Up to the next task's query loss, then hold",
        "step-task",
        "F11",
        lambda s: s.steerable,
        short="Step: task",
    ),
    Command(
        "run.step_update",
        "One &meta-update",
        "Up to the next update of the initial parameters, then hold",
        "step-update",
        "F12",
        lambda s: s.steerable,
        short="Step: meta-update",
    ),
    Command(
        "run.stop",
        "S&top",
        "End the run and save it; it can go on later",
        "stop",
        "Shift+F9",
        lambda s: s.steerable,
    ),
    Command(
        "runs.continue",
        "&Continue this run",
        "Train the chosen run on from its last checkpoint; a finished one, once the form asks for more meta-steps",
        "resume",
        "Ctrl+R",
        lambda s: s.idle and s.selected_can_continue,
    ),
    Command(
        "runs.use_parameters",
        "&Use these parameters",
        "Put the chosen run's settings into the form",
        "form-import",
        "Ctrl+U",
        lambda s: s.run_selected,
    ),
    Command(
        "runs.compare",
        "Compare side &by side",
        "Put the chosen run beside the network on show, on the same tasks",
        "adaptation",
        "Ctrl+K",
        lambda s: s.run_selected,
    ),
    Command(
        "talk.present",
        "&Present the talk",
        "MAML and iMAML in seven slides, on a full screen, while nothing trains; Escape leads back",
        "present",
        "F5",
        lambda s: s.idle,
    ),
    Command(
        "talk.open",
        "Present a &script…",
        "Choose a talk of your own",
        shortcut="Shift+F5",
        enabled=lambda s: s.idle,
    ),
    Command(
        "data.manage",
        "&Data sets…",
        "What is installed, and sample episodes of it before training",
        "data",
        "Ctrl+D",
    ),
    Command("data.add", "&Add data…", "Pictures by class or tables of yours", "folder", "Ctrl+Shift+D"),
    Command("data.omniglot", "&Omniglot…", "Download it, or take its files from this computer"),
    Command("view.monitor", "&Monitor", "The losses while they are learned", "monitor", "Ctrl+1"),
    Command(
        "view.adaptation", "&Adaptation", "Held-out tasks, before and after each inner step", "adaptation", "Ctrl+2"
    ),
    Command(
        "view.walkthrough",
        "&Walk-through",
        "The paper, the code that runs and the numbers at each line",
        "walkthrough",
        "Ctrl+3",
    ),
    Command(
        "view.evaluation",
        "E&valuation",
        "How good a network is on hundreds of held-out tasks, and under what protocol",
        "evaluation",
        "Ctrl+4",
    ),
    Command(
        "evaluation.start",
        "E&valuate",
        "Judge the chosen network on held-out tasks",
        "evaluation",
        "F8",
        lambda s: s.can_evaluate and not s.evaluating,
    ),
    Command(
        "evaluation.cancel",
        "C&ancel the evaluation",
        "Break it off; the last result stays",
        "",
        "Shift+F8",
        lambda s: s.evaluating,
    ),
    Command("view.experiment", "&Experiment", "Show or hide the form", "sliders", "Ctrl+E", checkable=True),
    Command("view.runs", "&Runs", "Show or hide the list of runs", "runs", "Ctrl+L", checkable=True),
    Command(
        "view.strip",
        "Adaptation &strip",
        "Show or hide held-out tasks under the monitor",
        "adaptation",
        "Ctrl+T",
        checkable=True,
    ),
    Command("view.reset_layout", "Reset &layout", "Put everything back where it was at first", "layout"),
    Command(
        "view.page_alone",
        "&Page alone",
        "Hide the form and the list of runs, or show them again",
        "maximise",
        "Ctrl+0",
        checkable=True,
    ),
    Command("theme.system", "As the &system", "Follow the desktop's choice", checkable=True, group="theme"),
    Command("theme.dark", "&Dark", "Light on dark", checkable=True, group="theme"),
    Command("theme.light", "&Light", "Dark on light", checkable=True, group="theme"),
    Command("theme.high-contrast", "&High contrast", "White on black", checkable=True, group="theme"),
    Command("theme.toggle", "Switch &theme", "Between dark and light", "theme", "Ctrl+Shift+T"),
    Command("help.welcome", "&Welcome", "What there is to see, each one click away", "welcome", "F1"),
    Command("help.about", "&About metagui", "Version and licence", "info"),
    Command("help.data_folder", "Open &data folder", "Where runs, data sets and settings lie", "folder"),
    Command("file.quit", "&Quit", "Close the window; a running training is saved", "quit", "Ctrl+Q"),
    Command("walk.forward", "Step &forward", "The line that ran next", "walk-forward", "Alt+Right", _walking),
    Command("walk.back", "Step &back", "The line that ran before", "walk-back", "Alt+Left", _walking),
    Command("walk.over", "Step &over", "The next line of this function", "walk-over", "Alt+Down", _walking),
    Command("walk.back_over", "Back o&ver", "The line before, of this function", "", "Alt+Shift+Left", _walking),
    Command("walk.into", "Step &into", "Into the next call of this function", "walk-into", "Alt+Shift+Down", _walking),
    Command("walk.out", "Step o&ut", "To the end of this function, into its caller", "walk-out", "Alt+Up", _walking),
    Command("walk.start", "To the &start", "The first moment", "walk-start", "Alt+Home", _walking),
    Command("walk.end", "To the &end", "The last moment", "walk-end", "Alt+End", _walking),
    Command("walk.run", "&Run", "On to the next breakpoint, or to the end", "walk-run", "Alt+PgDown", _walking),
    Command("walk.play", "&Play", "Line by line, until the end or a breakpoint", "play", "Ctrl+Space", _walking, True),
    Command("walk.run_to", "Run to &line", "To the line that the arrow keys chose", "", "Alt+Return", _walking),
    Command("walk.breakpoint", "Brea&kpoint", "Hold at the line chosen when playing", "", "Ctrl+B", _walking),
    Command("walk.record", "Re&cord again", "Run the algorithm anew with these numbers", "", "Ctrl+Shift+R"),
)


class ActionSet(QObject):
    """The QActions of some commands, by command id. All start without effect until connected."""

    def __init__(self, commands: tuple[Command, ...], parent: QObject) -> None:
        super().__init__(parent)
        self._commands = commands
        self._actions: dict[str, QAction] = {}
        groups: dict[str, QActionGroup] = {}
        for command in commands:
            action = self._make(command)
            self._actions[command.id] = action
            if command.group:
                group = groups.setdefault(command.group, QActionGroup(self))
                group.addAction(action)

    def __getitem__(self, command_id: str) -> QAction:
        return self._actions[command_id]

    def all(self) -> list[QAction]:
        return list(self._actions.values())

    def set_theme(self, theme: Theme) -> None:
        """Paint the icons in the theme's colours."""
        for command in self._commands:
            if command.icon:
                self._actions[command.id].setIcon(icon(command.icon, theme))

    def _make(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setObjectName(command.id)
        action.setIconText(command.short or command.text.replace("&", ""))
        action.setCheckable(command.checkable)
        action.setToolTip(_tip(command))
        action.setStatusTip(command.tooltip)
        action.setShortcuts([QKeySequence(key) for key in command.shortcut.split()])
        if command.id == "file.quit":
            action.setMenuRole(QAction.MenuRole.QuitRole)
        if command.id == "help.about":
            action.setMenuRole(QAction.MenuRole.AboutRole)
        return action


class Actions(ActionSet):
    """Those of the main window, enabled by its state."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(COMMANDS, parent)

    def refresh(self, state: WindowState) -> None:
        """Enable what applies now, and say at Start why it does not."""
        for command in COMMANDS:
            self._actions[command.id].setEnabled(command.enabled(state))
        # One place and one key for both: the one that applies is the one that is there.
        self._actions["run.pause"].setVisible(not state.holds)
        self._actions["run.resume"].setVisible(state.holds)
        start = self._actions["run.start"]
        start.setToolTip(_tip(_command("run.start"), why_not_start(state)))


def why_not_start(state: WindowState) -> str:
    """Why Start is disabled, as a sentence; empty when it is not."""
    if not state.idle:
        return "A run is in progress: stop it first."
    return state.problem


def _command(command_id: str) -> Command:
    return next(command for command in COMMANDS if command.id == command_id)


def _tip(command: Command, instead: str = "") -> str:
    shortcut = f" ({QKeySequence(command.shortcut.split()[0]).toString()})" if command.shortcut else ""
    return instead or f"{command.tooltip}{shortcut}"
