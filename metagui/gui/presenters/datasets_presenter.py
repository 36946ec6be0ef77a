"""Between the data manager and the data folder: what is there, jobs in the background, and what became of them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox

from metagui.datasets.catalogue import GUIDES, OFFERS, OMNIGLOT
from metagui.datasets.inventory import Listed, check, inventory, opened, remove
from metagui.datasets.reporting import Report
from metagui.datasets.waiting import bytes_waiting
from metagui.errors import DataError, MetaguiError
from metagui.gui.datasets.add_dialog import Wish
from metagui.gui.datasets.content import experiment_on, guide_terms, lines_of, removal_text
from metagui.gui.datasets.dialog import DataDialog
from metagui.gui.datasets.drop import DataDrop
from metagui.gui.main_window import MainWindow
from metagui.gui.theme import Theme
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController
from metagui.session.dataset_jobs import DatasetJobs, Outcome, Work
from metagui.workspace import datasets_dir


class DatasetsPresenter(QObject):
    """``changed`` when a data set came or went."""

    changed = Signal()

    def __init__(
        self,
        store: RunStore,
        controller: ExperimentController,
        window: MainWindow,
        theme: Theme,
        data_dir: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._controller = controller
        self._window = window
        self._theme = theme
        self._folder = datasets_dir(data_dir)
        self._dialog: DataDialog | None = None
        self._listed: dict[str, Listed] = {}
        self._looked_at = ""
        self.question: QMessageBox | None = None
        """Whether to remove a data set, while it is asked."""
        self.jobs = DatasetJobs(self)
        self.looks = DatasetJobs(self)
        """Reads what is previewed; never waits for a download."""
        self.jobs.ended.connect(self._end)
        self.looks.ended.connect(self._show_preview)
        DataDrop(window).dropped.connect(self.add)
        window.form.data_wanted.connect(self.open)
        for command, work in {
            "data.manage": self.open,
            "data.add": self.add,
            "data.omniglot": self.open_omniglot,
        }.items():
            window.actions_[command].triggered.connect(lambda _checked=False, work=work: work())

    @property
    def dialog(self) -> DataDialog:
        """Made when it is first wanted."""
        if self._dialog is None:
            self._dialog = self._made()
        return self._dialog

    def open(self, key: str = "") -> None:
        """Show what there is; ``key`` is a data set, offer or guide to go to."""
        dialog = self.dialog
        self.refresh()
        dialog.sets.choose(key or dialog.sets.key)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def open_omniglot(self) -> None:
        self.open(OMNIGLOT.name)

    def add(self, source: Path | None = None, name: str = "", licence: str = "") -> None:
        """Ask what to add; one thing at a time."""
        self.open()
        if self.jobs.running:
            self.dialog.banners.show_message("info", "One thing at a time: add it when this is done.")
            return
        self.dialog.adding.ask(list(self._listed), source, name, licence)

    def refresh(self) -> None:
        """Look at the data folder again."""
        if self._dialog is None:
            return
        try:
            self._listed = {one.name: one for one in inventory(self._folder)}
        except DataError as error:
            self._listed = {}
            self._dialog.banners.show_message("error", str(error))
        self._dialog.sets.set_lines(lines_of(list(self._listed.values()), self._folder))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        if self._dialog is not None:
            self._dialog.set_theme(theme)

    def close(self) -> None:
        """Break off what is being done, and wait for its thread. Idempotent."""
        self.jobs.shutdown()
        self.looks.shutdown()
        if self._dialog is not None:
            self._dialog.adding.close()
            self._dialog.close()

    # --- what is on show -----------------------------------------------------------------------------------------

    def _made(self) -> DataDialog:
        dialog = DataDialog(self._theme, self._window)
        dialog.sets.chosen.connect(self._show)
        dialog.add.connect(lambda: self.add())
        dialog.dropped.connect(self.add)
        dialog.adding.wanted.connect(self._add)
        dialog.installed.check.connect(self._check)
        dialog.installed.remove.connect(self._ask_to_remove)
        dialog.installed.train.connect(self._train)
        dialog.installed.open_folder.connect(self._open_folder)
        dialog.offer.download.connect(self._download)
        dialog.offer.discard.connect(self._discard)
        dialog.offer.add.connect(lambda name: self.add(name=name))
        dialog.guide.add.connect(lambda name: self.add(name=name, licence=guide_terms(name)))
        dialog.job.cancel.connect(self.jobs.cancel)
        self.jobs.stepped.connect(dialog.job.show_step)
        return dialog

    def _show(self, key: str) -> None:
        dialog = self.dialog
        guide = next((guide for guide in GUIDES if f"guide:{guide.name}" == key), None)
        if guide is not None:
            dialog.guide.show_guide(guide)
            dialog.pages.setCurrentWidget(dialog.guide)
        elif key in self._listed:
            self._show_installed(self._listed[key])
        elif (name := key.removeprefix("offer:")) in OFFERS:
            dialog.offer.show_offer(OFFERS[name], bytes_waiting(OFFERS[name], self._folder))
            dialog.pages.setCurrentWidget(dialog.offer)

    def _show_installed(self, one: Listed) -> None:
        page = self.dialog.installed
        page.show_listed(one)
        self.dialog.pages.setCurrentWidget(page)
        self._looked_at = one.name
        if one.problem or not one.classes:
            why = "It is damaged: add it again." if one.problem else "It holds no classes to draw from."
            page.preview.show_problem("Nothing to preview", why)
        elif self.looks.start(one.name, lambda _report: opened(self._folder, one.name)):
            page.preview.clear()

    def _show_preview(self, outcome: Outcome) -> None:
        if outcome.key != self._looked_at:  # another was chosen meanwhile
            if self._looked_at in self._listed:
                self._show_installed(self._listed[self._looked_at])
            return
        preview = self.dialog.installed.preview
        if outcome.status == "done":
            preview.show_data(*outcome.result)
        else:
            preview.show_problem("It cannot be read", outcome.message)

    # --- what is done --------------------------------------------------------------------------------------------

    def _start(self, key: str, title: str, work: Work) -> None:
        if self.jobs.start(key, work):
            for old in list(self.dialog.banners.banners):  # what they tell of is over
                old.close_banner()
            self.dialog.job.begin(title)
            self.dialog.set_busy(True)

    def _add(self, wish: Wish) -> None:
        def work(report: Report) -> tuple[str, str]:
            from metagui.datasets.obtaining import add_from  # not at the window's start: it brings the network along

            return wish.name, add_from(wish.name, wish.source, self._folder, wish.options, wish.licence, report)

        self._start("add", f"Adding {wish.name}", work)

    def _download(self, name: str) -> None:
        def work(report: Report) -> tuple[str, str]:
            from metagui.datasets.obtaining import download

            return name, download(OFFERS[name], self._folder, report)

        self._start("download", f"Downloading {OFFERS[name].title}", work)

    def _discard(self, name: str) -> None:
        def work(_report: Report) -> tuple[str, str]:
            from metagui.datasets.obtaining import discard

            discard(OFFERS[name], self._folder)
            return name, ""

        self._start("discard", "Discarding what came", work)

    def _check(self, name: str) -> None:
        self._start("check", f"Checking {name}", lambda _report: (name, check(self._folder, name)))

    def _remove(self, name: str) -> None:
        def work(_report: Report) -> tuple[str, str]:
            source = remove(self._folder, name)
            return "", f"{name} was removed" + (f"; its source {source} is as it was." if source else ".")

        self._start("remove", f"Removing {name}", work)

    def _end(self, outcome: Outcome) -> None:
        dialog = self.dialog
        dialog.set_busy(False)
        key = ""
        if outcome.status == "done":
            key, sentence = outcome.result
            if sentence:
                dialog.banners.show_message("success", sentence)
        elif outcome.status == "failed":
            again = {"Change and try again": dialog.adding.ask_again} if outcome.key == "add" else None
            dialog.banners.show_message("error", outcome.message, detail=outcome.detail, choices=again)
        elif outcome.key == "download":
            dialog.banners.show_message("info", "The download was broken off. What came is kept for the next time.")
        self.refresh()
        dialog.sets.choose(key or dialog.sets.key)
        self.changed.emit()

    def _ask_to_remove(self, name: str) -> None:
        one = self._listed[name]
        runs = self._runs_on(name)
        current = self._controller.current_run
        if current in runs:
            self.dialog.banners.show_message("warning", f"{current} trains on {name} now: stop it first.")
            return
        box = QMessageBox(self.dialog)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Remove data")
        box.setText(f"Remove {one.title} from this computer?")
        box.setInformativeText(removal_text(one, runs))
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        button = box.addButton("Remove", QMessageBox.ButtonRole.DestructiveRole)
        button.clicked.connect(lambda: self._remove(name))
        self.question = box
        box.open()

    def _runs_on(self, name: str) -> list[str]:
        """Runs that were trained on a data set, newest first."""
        found = []
        for record in self._store.list():
            task = record.config.get("task", {})
            if name in (task.get("dataset"), task.get("name")):
                found.append(record.id)
        return found

    def _train(self, name: str) -> None:
        try:
            config = experiment_on(self._listed[name], self._window.form.config())
        except MetaguiError as error:
            self.dialog.banners.show_message("error", str(error))
            return
        self.changed.emit()  # the form must know it before it is named there
        self._window.form.load(config)
        self._window.form_dock.show()
        self.dialog.close()

    def _open_folder(self, name: str) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._listed[name].folder)))
