"""Fills the comparison: its columns' networks, the tasks they share, and a verdict on each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from metagui.errors import MetaguiError
from metagui.events import OwnTask, Studied
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.presenters.studio_contenders import RANDOM, SHOWN, Contenders, Entry, alike, which
from metagui.gui.presenters.studio_line import Question, StudyLine, network_of
from metagui.gui.presenters.studio_verdicts import N_TASKS, Verdicts
from metagui.gui.studio.compare.contender import Contender, Offer
from metagui.gui.studio.compare.panel import ComparePanel
from metagui.runs.store import RunStore
from metagui.session.interactive import InteractiveWorker


class ComparePresenter(QObject):
    """Asks only while the panel is on show. A live network's column follows its training."""

    def __init__(
        self,
        store: RunStore,
        worker: InteractiveWorker,
        panel: ComparePanel,
        data_dir: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._panel = panel
        self._contenders = Contenders(store)
        self._line = StudyLine(worker, data_dir, "side-by-side", self)
        self._verdicts = Verdicts(worker, data_dir, self)
        self._shown: Source | None = None
        self._entries: list[Entry] = []
        self._asked: tuple[Entry, ...] = ()
        self._tasks: tuple[int, ...] = (0,)
        self._steps: int | None = None
        self._active = False
        self._begun = False
        self._later = False
        self._line.answered.connect(self._take)
        self._line.failed.connect(panel.show_message)
        self._verdicts.found.connect(self._show_verdict)
        self._verdicts.failed.connect(self._show_failure)
        self._verdicts.finished.connect(self._ask_later)
        panel.add.offers = self.offers
        panel.add.chosen.connect(self.add)
        panel.removed.connect(self.remove)
        panel.tasks_requested.connect(self._change_tasks)
        panel.steps_chosen.connect(self._change_steps)
        panel.own.chosen.connect(self._change_own)
        self.own_task: Callable[[Source], OwnTask | None] = lambda _source: None
        """Asked for the task that a person made, for a network."""

    @property
    def settled(self) -> bool:
        """Whether every column shows what was asked of it, verdict included."""
        return not self._line.busy and not self._verdicts.busy and not self._later

    @property
    def keys(self) -> list[str]:
        return [entry.contender.key for entry in self._entries]

    def follow(self, source: Source) -> None:
        """Another network is on show: newer weights, or another run."""
        before, self._shown = self._shown, source
        if before is not None and _other_tasks(before, source):
            self._begun = False
            self._verdicts.forget()
            self._line.drop()
            self._panel.own.offer(self.own_task(source) is not None)
        if not self._active:
            return
        if not self._begun:
            self._begin()
            return
        self._renew()
        self._ask(at_once=False)

    def activate(self, active: bool) -> None:
        """Whether the panel is on show."""
        was, self._active = self._active, active
        if not active:
            self._verdicts.hold()
            self._line.drop()
            self._later = False
        elif not was and self._shown is not None:
            self._panel.own.offer(self.own_task(self._shown) is not None)
            if self._begun:
                self._renew()
                self._ask(at_once=True)
            else:
                self._begin()

    def offers(self) -> list[Offer]:
        """What the menu offers just now."""
        if self._shown is None:
            return []
        try:
            return self._contenders.offers(self._shown, set(self.keys))
        except MetaguiError as error:
            self._panel.show_message(f"The list of runs cannot be read: {error}")
            return []

    def add(self, key: str) -> None:
        """One more column; says why where its network is gone."""
        if self._shown is not None and not self._begun:
            self._begin()
        if self._shown is None or key in self.keys:
            return
        try:
            self._entries.append(self._contenders.entry(key, self._shown))
        except MetaguiError as error:
            self._panel.show_message(f"This cannot be added: {error}")
            return
        self._arrange()

    def remove(self, key: str) -> None:
        self._entries = [entry for entry in self._entries if entry.contender.key != key]
        self._arrange()

    def show_exactly(self, networks: Sequence[tuple[str, Source]]) -> None:
        """These columns and no others: each network with its title."""
        if not networks:
            return
        first = networks[0][1]
        if self._shown is None or _other_tasks(self._shown, first):
            self._shown = first
            self._verdicts.forget()
        self._begun = True
        self._tasks = (0,)
        self._entries = [
            Entry(Contender(f"given:{place}", title, which(source)), source)
            for place, (title, source) in enumerate(networks)
        ]
        self._arrange()

    def close(self) -> None:
        self.activate(False)

    def _begin(self) -> None:
        assert self._shown is not None
        self._begun = True
        self._tasks = tuple(range(len(self._tasks)))
        self._entries = []
        try:
            self._entries = [self._contenders.entry(key, self._shown) for key in self._contenders.usual(self._shown)]
        except MetaguiError as error:
            self._panel.show_message(f"The list of runs cannot be read: {error}")
        self._arrange()

    def _renew(self) -> None:
        """Those columns that go with the network on show."""
        assert self._shown is not None
        moving = {SHOWN, RANDOM}
        self._entries = [
            self._contenders.entry(entry.contender.key, self._shown) if entry.contender.key in moving else entry
            for entry in self._entries
        ]
        self._panel.set_contenders([entry.contender for entry in self._entries])

    def _arrange(self) -> None:
        self._panel.set_contenders([entry.contender for entry in self._entries])
        for entry in self._entries:
            self._show_verdict(entry.contender.key)
        self._ask(at_once=True)

    def _change_tasks(self, tasks: tuple[int, ...]) -> None:
        self._panel.own.setChecked(False)
        self._tasks = tasks
        self._ask(at_once=True)

    def _change_steps(self, steps: int | None) -> None:
        self._steps = steps
        self._ask(at_once=True)

    def _change_own(self) -> None:
        self._ask(at_once=True)

    def _ask(self, at_once: bool) -> None:
        """A person is answered before verdicts are; newer weights wait for the verdict in progress."""
        if not at_once and self._verdicts.busy:
            self._later = True
            return
        self._later = False
        self._verdicts.hold()
        if not self._active or not self._entries:
            self._line.drop()
            return
        self._asked = tuple(self._entries)
        networks = tuple(network_of(entry.source, entry.contender.title) for entry in self._entries)
        own = self.own_task(self._shown) if self._panel.own.isChecked() and self._shown is not None else None
        question = Question(networks, self._tasks, self._steps, own)
        if at_once:
            self._line.ask(question)
        else:
            self._line.ask_when_free(question)

    def _ask_later(self) -> None:
        if self._later:
            self._ask(at_once=False)

    def _take(self, answer: Studied) -> None:
        keys = [entry.contender.key for entry in self._asked]
        if keys != self.keys:
            return
        self._panel.show_columns(answer.columns, self._tasks)
        well = _well(self._asked, answer)
        self._verdicts.want(well, self._steps)
        for entry in self._entries:
            key = entry.contender.key
            if key in well:
                self._show_verdict(key)
            else:
                self._panel.set_verdict(key, None)

    def _show_verdict(self, key: str) -> None:
        self._panel.set_verdict(key, self._verdicts.of(key), f"Judging on {N_TASKS} held-out tasks…")

    def _show_failure(self, key: str, reason: str) -> None:
        self._panel.set_verdict(key, None, f"Not judged: {reason}")


def _other_tasks(one: Source, other: Source) -> bool:
    return not alike(one.config.to_dict()["task"], other.config.to_dict()["task"])


def _well(entries: Sequence[Entry], answer: Studied) -> dict[str, Source]:
    """Networks that could be adapted, so that judging them makes sense."""
    pairs = zip(entries, answer.columns, strict=False)
    return {entry.contender.key: entry.source for entry, column in pairs if not column.problem}
