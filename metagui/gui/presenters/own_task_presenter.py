"""Between the panel on which a person makes a task and the network that answers: newest wins, nothing queues."""

from __future__ import annotations

from pathlib import Path

from msgspec import structs
from PySide6.QtCore import QObject

from metagui.config import ExperimentConfig
from metagui.config.tasks import TaskSection
from metagui.datasets.ink import Preparation, preparation_of
from metagui.errors import MetaguiError
from metagui.events import Evaluated, Network, OwnTask, Studied
from metagui.gui.evaluation.content import Circumstances
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.presenters.studio_line import Question, StudyLine, network_of
from metagui.gui.studio.own.panel import OwnTaskPanel
from metagui.gui.studio.own.question import OwnQuestion
from metagui.session.interactive import InteractiveWorker
from metagui.workspace import datasets_dir


class OwnTaskPresenter(QObject):
    """A change by hand is sent as soon as the answer before it is there; newer weights wait for a pause as well."""

    def __init__(
        self, worker: InteractiveWorker, panel: OwnTaskPanel, data_dir: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._panel = panel
        self._data_dir = data_dir
        self._line = StudyLine(worker, data_dir, "own", self)
        self._pick = StudyLine(worker, data_dir, "own-pick", self)
        self._source: Source | None = None
        self._preparation: tuple[TaskSection, Preparation | str] | None = None
        self._network: tuple[Source, Network] | None = None
        self._calibration: tuple[Circumstances, float] | None = None
        self._questions: list[OwnQuestion] = []
        self._active = False
        self._stale = False
        self._live = False
        self._line.answered.connect(self._take)
        self._line.failed.connect(panel.show_message)
        self._pick.answered.connect(self._take_picked)
        self._pick.failed.connect(panel.show_message)
        panel.study_requested.connect(self._ask)
        panel.pick_requested.connect(self._ask_for_held_out)

    @property
    def settled(self) -> bool:
        """Whether the panel shows what was last asked of it."""
        return not (self._stale or self._line.busy or self._pick.busy)

    def task_for(self, source: Source) -> OwnTask | None:
        """The task made last, where this network's kind of tasks is the same."""
        own = self._questions[-1].own if self._questions else None
        return own if own is not None and own.kind == source.config.task.kind else None

    def show(self, source: Source, by_choice: bool = False) -> None:
        """This network answers from now on."""
        before, self._source = self._source, source
        if before is not None and before.config.task != source.config.task:
            self._line.drop()
            self._pick.drop()
        self._stale = True
        if self._active:
            self._show(gently=not by_choice)

    def take_evaluation(self, evaluated: Evaluated, circumstances: Circumstances) -> None:
        """What an evaluation found out about this network's probabilities."""
        if evaluated.calibration is not None:
            self._calibration = (circumstances, evaluated.calibration.temperature)
            self._calibrate()

    def activate(self, active: bool) -> None:
        """Whether the panel is on show."""
        self._active = active
        if active and self._stale:
            self._show(gently=False)

    def close(self) -> None:
        self._active = False
        self._line.drop()
        self._pick.drop()

    def _show(self, *, gently: bool) -> None:
        source = self._source
        if source is None:
            return
        self._stale = False
        self._live = gently
        self._calibrate()
        if self._preparation is None or self._preparation[0] != source.config.task:
            self._preparation = (source.config.task, self._prepare(source))
        try:
            self._panel.show_network(source.config, source.step, self._preparation[1])
        finally:
            self._live = False

    def _calibrate(self) -> None:
        """Only by an evaluation of the very same network, be it of another moment of its training."""
        source, known = self._source, self._calibration
        if source is None or known is None or not _same_network(source.config, known[0].config):
            self._panel.board.set_temperature(None)
        else:
            circumstances, temperature = known
            self._panel.board.set_temperature(temperature, f"as evaluated after {circumstances.step:,} meta-steps")

    def _prepare(self, source: Source) -> Preparation | str:
        """How the network's pictures are made, or why nothing can be drawn for it."""
        if source.config.task.kind != "images":
            return ""
        try:
            return preparation_of(source.config.task, datasets_dir(self._data_dir))
        except MetaguiError as error:
            text = str(error)
            return text[:1].upper() + text[1:] + "."

    def _ask(self, question: OwnQuestion) -> None:
        source = self._source
        if source is None or not self._active:
            self._stale = True
            return
        network = structs.replace(
            self._network_of(source), inner_lr=question.inner_lr, proximal_lambda=question.proximal_lambda
        )
        self._questions = [*self._questions[-3:], question]
        asked = Question((network,), (0,), question.inner_steps, question.own)
        (self._line.ask_when_free if self._live else self._line.ask_next)(asked)

    def _network_of(self, source: Source) -> Network:
        """Written out once: a drag asks for it at every move."""
        if self._network is None or self._network[0] is not source:
            self._network = (source, network_of(source))
        return self._network[1]

    def _ask_for_held_out(self, number: int) -> None:
        source = self._source
        if source is not None and self._active:
            self._pick.ask_next(Question((network_of(source),), (number,), inner_steps=1))

    def _take(self, answer: Studied) -> None:
        asked = self._line.asked
        own = asked.own if asked is not None else None
        self._panel.show_studied(answer, next((known for known in self._questions if known.own is own), None))

    def _take_picked(self, answer: Studied) -> None:
        column = answer.columns[0] if answer.columns else None
        if column is None or column.problem or not column.tasks:
            self._panel.show_message(column.problem if column is not None else "There is no held-out task.")
        else:
            self._panel.show_picked(column.tasks[0])


def _same_network(one: ExperimentConfig, other: ExperimentConfig) -> bool:
    """Whatever number of queries it was judged on."""
    task = other.task.model_copy(update={"n_query": one.task.n_query})
    return one.model == other.model and one.algorithm == other.algorithm and one.task == task
