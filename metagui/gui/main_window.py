"""The window: where everything stands. It holds no experiment, no run and no file; presenters fill it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QMenu,
    QSplitter,
    QTabWidget,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from metagui.config import Preset
from metagui.gui.actions import Actions, WindowState
from metagui.gui.adaptation.strip import AdaptationStrip
from metagui.gui.banner import BannerArea
from metagui.gui.evaluation.page import EvaluationPage
from metagui.gui.form import ExperimentForm
from metagui.gui.monitor.live import LiveSettings
from metagui.gui.monitor.page import MonitorPage
from metagui.gui.page_alone import PageAlone
from metagui.gui.progress import RunProgress
from metagui.gui.runs import RunsPanel
from metagui.gui.status_bar import StatusBar
from metagui.gui.studio.studio import Studio
from metagui.gui.theme import Theme, app_icon, icon
from metagui.gui.walkthrough.page import WALK_MENU, WalkthroughPage
from metagui.gui.welcome.page import WelcomePage
from metagui.identity import APP_TITLE

_DOCKS = Qt.DockWidgetArea
_NARROW = (306, 312)
_WIDE = (340, 420)
_WIDE_FROM = 1500
"""Widths of the two docks, in a small window and from this width on."""
_ROOM_FOR_THREE = 1720
"""Width of the window from which the walk-through has its three columns, the studio its own, beside both docks."""
_LAYOUT_VERSION = 1
"""Raised when docks are added or renamed: older layouts are then not restored."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a person arranged the window."""

    geometry: bytes
    docks: bytes
    splitter: bytes
    runs_header: bytes
    strip: bool


class MainWindow(QMainWindow):
    """Toolbar, form on the left, pages in the middle, runs on the right, messages above, state below."""

    page_changed = Signal()

    def __init__(self, presets: list[Preset], theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.close_guard: Callable[[], bool] = _yes
        """Asked when the window is to close; False keeps it open."""
        self.actions_ = Actions(self)
        self.form = ExperimentForm(presets)
        self.runs = RunsPanel(theme)
        self.live = LiveSettings()
        self.monitor = MonitorPage()
        self.studio = Studio()
        self.adaptation = self.studio.held_out
        self.walkthrough = WalkthroughPage()
        self.evaluation = EvaluationPage()
        self.strip = AdaptationStrip()
        self.banners = BannerArea(theme)
        self.progress = RunProgress()
        self.status = StatusBar(theme)
        self.welcome = WelcomePage()
        self.tabs = QTabWidget()
        self._arranged = False
        self._last_width = 0
        self._fitting = False
        self._dock_widths = _NARROW
        self.setWindowTitle(APP_TITLE)
        self.setWindowIcon(app_icon())
        self.setObjectName("main")
        self.resize(1280, 800)
        self._build_centre()
        self._build_docks()
        docks = (self.form_dock, self.runs_dock)
        self.alone = PageAlone(self, docks, self.actions_["view.page_alone"], _LAYOUT_VERSION)
        self._build_toolbar()
        self._build_menus()
        self.setStatusBar(self.status)
        commands = ("runs.use_parameters", "runs.continue", "runs.compare")
        self.runs.set_menu([self.actions_[command] for command in commands])
        self._connect_views()
        self._first_layout = self.layout_state()
        self.set_theme(theme)
        self.refresh(WindowState())

    # --- building ------------------------------------------------------------------------------------------------

    def _build_centre(self) -> None:
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setObjectName("monitor-and-strip")
        self._split.addWidget(self._curves())
        self._split.addWidget(self.strip)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 1)
        self._split.setCollapsible(0, False)
        self._split.setHandleWidth(1)
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self._split, "Monitor")
        self.tabs.addTab(self.studio, "Adaptation")
        self.tabs.addTab(self.walkthrough, "Walk-through")
        self.tabs.addTab(self.evaluation, "Evaluate")
        self.tabs.addTab(self.welcome, "Welcome")
        self.tabs.setTabVisible(self.tabs.indexOf(self.welcome), False)
        self.walkthrough.add_commands(self.actions_)
        self.tabs.currentChanged.connect(self._turn_page)
        self.studio.mode_changed.connect(self._turn_page)
        self.walkthrough.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banners)
        layout.addWidget(self.tabs, 1)
        self.setCentralWidget(centre)

    def _curves(self) -> QWidget:
        """The monitor, and above it what can be changed of the run that draws there."""
        column = QWidget()
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.live)
        layout.addWidget(self.monitor, 1)
        return column

    def _build_docks(self) -> None:
        self.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AnimatedDocks)
        self.form_dock = self._dock("experiment", "Experiment", self.form, _DOCKS.LeftDockWidgetArea)
        self.runs_dock = self._dock("runs", "Runs", self.runs, _DOCKS.RightDockWidgetArea)

    def _dock(self, name: str, title: str, content: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title)
        dock.setObjectName(name)
        dock.setWidget(content)
        self.addDockWidget(area, dock)
        return dock

    def _build_toolbar(self) -> None:
        bar = QToolBar("Run")
        bar.setObjectName("toolbar")
        bar.setMovable(False)
        bar.setIconSize(QSize(18, 18))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        bar.addAction(self.actions_["run.start"])
        bar.widgetForAction(self.actions_["run.start"]).setProperty("kind", "primary")
        bar.addSeparator()
        bar.addAction(self.actions_["run.pause"])
        bar.addAction(self.actions_["run.resume"])
        bar.addWidget(self._step_button())
        bar.addAction(self.actions_["run.stop"])
        bar.addSeparator()
        bar.addWidget(self.progress)
        toggle = self.actions_["theme.toggle"]
        bar.addAction(toggle)
        button = bar.widgetForAction(toggle)
        assert isinstance(button, QToolButton)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.addToolBar(bar)

    def _step_button(self) -> QToolButton:
        """Steps as it did last; its menu offers the other units."""
        self.step_button = QToolButton()
        self.step_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.step_button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        menu = QMenu(self.step_button)
        for command in ("run.step_inner", "run.step_task", "run.step_update"):
            menu.addAction(self.actions_[command])
        menu.triggered.connect(self.step_button.setDefaultAction)
        self.step_button.setMenu(menu)
        self.step_button.setDefaultAction(self.actions_["run.step_update"])
        return self.step_button

    def _build_menus(self) -> None:
        bar = self.menuBar()
        self.menus = {
            name: bar.addMenu(name) for name in ("&File", "&Data", "&Run", "&View", "&Walk", "&Talk", "&Help")
        }
        run, view = self.menus["&Run"], self.menus["&View"]
        self._fill(self.menus["&File"], "file.quit")
        self._fill(self.menus["&Data"], "data.manage", "data.add", "", "data.omniglot")
        self._fill(run, "run.start", "run.pause", "run.resume", "run.stop", "")
        self.menus["S&tep"] = run.addMenu("S&tep")
        self._fill(self.menus["S&tep"], "run.step_inner", "run.step_task", "run.step_update")
        self._fill(
            run, "", "runs.continue", "runs.use_parameters", "runs.compare", "", "evaluation.start", "evaluation.cancel"
        )
        self._fill(self.menus["&Talk"], "talk.present", "talk.open")
        self._fill(self.menus["&Walk"], *WALK_MENU)
        self._fill(view, "view.monitor", "view.adaptation", "view.walkthrough", "view.evaluation", "")
        self._fill(view, "view.page_alone", "view.experiment", "view.runs", "view.strip", "")
        self.menus["&Theme"] = view.addMenu("&Theme")
        self._fill(self.menus["&Theme"], "theme.system", "theme.dark", "theme.light", "theme.high-contrast", "")
        self._fill(self.menus["&Theme"], "theme.toggle")
        self._fill(view, "view.reset_layout")
        self._fill(self.menus["&Help"], "help.welcome", "help.data_folder", "help.about")

    def _fill(self, menu: QMenu, *commands: str) -> None:
        for command in commands:
            if command:
                menu.addAction(self.actions_[command])
            else:
                menu.addSeparator()

    def _connect_views(self) -> None:
        actions = self.actions_
        actions["view.monitor"].triggered.connect(self.show_monitor)
        actions["view.adaptation"].triggered.connect(self.show_adaptation)
        actions["view.walkthrough"].triggered.connect(self.show_walkthrough)
        actions["view.evaluation"].triggered.connect(self.show_evaluation)
        actions["help.welcome"].triggered.connect(self.show_welcome)
        actions["view.reset_layout"].triggered.connect(self.reset_layout)
        actions["file.quit"].triggered.connect(self.close)
        for command, widget in (
            ("view.experiment", self.form_dock),
            ("view.runs", self.runs_dock),
            ("view.strip", self.strip),
        ):
            action = actions[command]
            action.setChecked(True)
            action.toggled.connect(widget.setVisible)
        self.form_dock.installEventFilter(self)
        self.runs_dock.installEventFilter(self)
        self.form_dock.visibilityChanged.connect(self._follow_docks)
        self.runs_dock.visibilityChanged.connect(self._follow_docks)

    # --- use -----------------------------------------------------------------------------------------------------

    def refresh(self, state: WindowState) -> None:
        """Enable the commands that apply."""
        self.actions_.refresh(state)

    def set_theme(self, theme: Theme) -> None:
        """Repaint what carries colours of its own; the palette is the application's."""
        self._theme = theme
        self.actions_.set_theme(theme)
        self.actions_["run.start"].setIcon(icon("play", theme, theme.accent_text))
        self.tabs.setTabIcon(0, icon("monitor", theme, theme.muted))
        self.tabs.setTabIcon(1, icon("adaptation", theme, theme.muted))
        self.tabs.setTabIcon(2, icon("walkthrough", theme, theme.muted))
        self.tabs.setTabIcon(3, icon("evaluation", theme, theme.muted))
        self.tabs.setTabIcon(4, icon("welcome", theme, theme.muted))
        pages = (self.monitor, self.studio, self.strip, self.walkthrough, self.evaluation, self.welcome)
        for part in (self.form.memory, self.runs, self.banners, self.status, *pages):
            part.set_theme(theme)

    def show_welcome(self) -> None:
        """The page of the first start; from then on it keeps its tab."""
        self.tabs.setTabVisible(self.tabs.indexOf(self.welcome), True)
        self.tabs.setCurrentWidget(self.welcome)

    def show_monitor(self) -> None:
        self.tabs.setCurrentIndex(0)

    def show_adaptation(self) -> None:
        """Turn to it, so that the arrow keys scrub at once."""
        self.tabs.setCurrentIndex(1)
        self.studio.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_walkthrough(self) -> None:
        """Turn to it, so that the next arrow key takes a step."""
        self.tabs.setCurrentIndex(2)
        self.walkthrough.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_evaluation(self) -> None:
        self.tabs.setCurrentWidget(self.evaluation)

    def _turn_page(self) -> None:
        page = self.tabs.currentWidget()
        wide = page is self.walkthrough or (page is self.studio and self.studio.wide)
        self.alone.make_room(wide and self.width() < _ROOM_FOR_THREE)
        self.page_changed.emit()

    def layout_state(self) -> Layout:
        """Where everything stands now."""
        return Layout(
            geometry=_bytes(self.saveGeometry()),
            docks=_bytes(self.alone.dock_state()),
            splitter=_bytes(self._split.saveState()),
            runs_header=_bytes(self.runs.table.horizontalHeader().saveState()),
            strip=self.actions_["view.strip"].isChecked(),
        )

    def restore_layout(self, layout: Layout) -> None:
        """Put everything where it was; what cannot be read is left as it is."""
        self._arranged = True
        self.restoreGeometry(QByteArray(layout.geometry))
        self._arrange(layout)

    def reset_layout(self) -> None:
        """Docks, columns and strip as at the first start; the window keeps its size."""
        self.actions_["view.page_alone"].setChecked(False)
        for command in ("view.experiment", "view.runs"):
            self.actions_[command].setChecked(True)
        self._arrange(self._first_layout)
        # The first layout was noted before the window had its size.
        height = self._split.height()
        self._split.setSizes([height - height // 4, height // 4])
        self._give_docks_room()

    def _arrange(self, layout: Layout) -> None:
        self.restoreState(QByteArray(layout.docks), _LAYOUT_VERSION)
        if layout.splitter:
            self._split.restoreState(QByteArray(layout.splitter))
        self.actions_["view.strip"].setChecked(layout.strip)
        if layout.runs_header:
            self.runs.table.horizontalHeader().restoreState(QByteArray(layout.runs_header))

    def _follow_docks(self) -> None:
        """A dock closed by its own button unchecks its command."""
        for command, dock in (("view.experiment", self.form_dock), ("view.runs", self.runs_dock)):
            action: QAction = self.actions_[command]
            blocked = action.blockSignals(True)
            # A dock behind another tab is not visible, but not closed either.
            action.setChecked(not dock.isHidden())
            action.blockSignals(blocked)

    def _give_docks_room(self) -> None:
        widths = _WIDE if self.width() >= _WIDE_FROM else _NARROW
        self.resizeDocks([self.form_dock, self.runs_dock], list(widths), Qt.Orientation.Horizontal)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._arranged:
            self._arranged = True
            self._give_docks_room()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Remember the widths that docks are given, not those that a smaller window leaves them."""
        if event.type() == QEvent.Type.Resize and self.width() == self._last_width and not self._fitting:
            self._dock_widths = (self.form_dock.width(), self.runs_dock.width())
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Docks keep their widths where there is room; only what lacks is taken from them."""
        super().resizeEvent(event)
        if self._arranged and self.width() != self._last_width:
            self._fitting = True
            self.resizeDocks([self.form_dock, self.runs_dock], list(self._dock_widths), Qt.Orientation.Horizontal)
            self._fitting = False
        self._last_width = self.width()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.close_guard():
            event.accept()
        else:
            event.ignore()


def _yes() -> bool:
    return True


def _bytes(array: QByteArray) -> bytes:
    return bytes(array.data())
