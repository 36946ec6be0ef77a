"""Which networks can stand beside the one on show: baselines, demonstrations, runs with their checkpoints."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from metagui.config import ExperimentConfig, choices
from metagui.demos import Demo, demo_names, load_demo
from metagui.errors import MetaguiError
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.studio.compare.contender import Contender, Offer
from metagui.runs.records import RunRecord
from metagui.runs.store import RunStore

SHOWN, RANDOM, JOINT, PROTONET = "shown", "random", "joint", "protonet"
_MOST_RUNS = 25
"""The newest ones on such tasks; more would be a list to search."""

_BASELINES = {JOINT: "Jointly pretrained", PROTONET: "ProtoNet"}
_NONE_YET = "train a run with it first"


@dataclass(frozen=True)
class Entry:
    """A column with the network that it shows."""

    contender: Contender
    source: Source


class Contenders:
    """Looks into the store whenever it is asked."""

    def __init__(self, store: RunStore) -> None:
        self._store = store

    def offers(self, shown: Source, present: set[str]) -> list[Offer]:
        """What can be added beside ``shown``; what is there already is not offered again."""
        offers = [] if SHOWN in present else [Offer(SHOWN, "Baselines", "The network on show")]
        if RANDOM not in present:
            offers.append(Offer(RANDOM, "Baselines", "Random start"))
        records = self._comparable(shown)
        for name, title in _BASELINES.items():
            if name not in present:
                offers.append(Offer(name, "Baselines", title, self._why_not(name, shown, records)))
        demos = [Offer(f"demo:{demo.name}", "Demonstrations", demo.title) for demo in _demos(shown)]
        offers += [offer for offer in demos if offer.key not in present]
        for record in records[:_MOST_RUNS]:
            offers += [offer for offer in self._of_run(record) if offer.key not in present]
        return offers

    def entry(self, key: str, shown: Source) -> Entry:
        """The column of a key; raises MetaguiError where its network is no longer there."""
        if key == SHOWN:
            return Entry(Contender(key, algorithm_title(shown.config), f"on show · {which(shown)}"), shown)
        if key == RANDOM:
            source = Source(shown.config, 0)
            return Entry(Contender(key, "Random start", f"no training · {algorithm_title(shown.config)}"), source)
        if key in _BASELINES:
            source = self._baseline_source(key, shown)
            detail = which(source) if source.run_id else f"demonstration · {which(source)}"
            return Entry(Contender(key, _BASELINES[key], detail), source)
        if key.startswith("demo:"):
            source = _source_of(load_demo(key.removeprefix("demo:")))
            return Entry(Contender(key, algorithm_title(source.config), f"demonstration · {which(source)}"), source)
        _, run_id, point = key.split(":")
        record = self._store.get(run_id)
        if not alike(record.config.get("task", {}), shown.config.to_dict()["task"]):
            raise MetaguiError(f"{run_id} learned other tasks than the network on show")
        source = self._source(record, point)
        return Entry(Contender(key, algorithm_title(source.config), which(source)), source)

    def _baseline_source(self, name: str, shown: Source) -> Source:
        """That of the newest run with this algorithm, else of a demonstration."""
        record = self._baseline(name, self._comparable(shown))
        if record is not None:
            return self._source(record, "last")
        demo = _demo_of(name, shown)
        if demo is None:
            raise MetaguiError(f"{_BASELINES[name]}: {_NONE_YET}")
        return _source_of(demo)

    def usual(self, shown: Source) -> list[str]:
        """Keys of the columns to begin with."""
        records = self._comparable(shown)
        return [SHOWN, RANDOM, *(name for name in _BASELINES if self._is_other(name, records, shown))]

    def _is_other(self, name: str, records: list[RunRecord], shown: Source) -> bool:
        """Whether there is such a baseline, and it is not what is on show anyway."""
        if shown.config.algorithm.name == name:
            return False
        return self._baseline(name, records) is not None or _demo_of(name, shown) is not None

    def _why_not(self, name: str, shown: Source, records: list[RunRecord]) -> str:
        """Why there is no such baseline for these tasks; empty where there is one."""
        if shown.config.task.kind not in choices("algorithm")[name].fits:
            return f"not for {shown.config.task.kind}"
        return "" if self._baseline(name, records) or _demo_of(name, shown) else _NONE_YET

    def _comparable(self, shown: Source) -> list[RunRecord]:
        """Runs whose networks have the same inputs and outputs, the newest first."""
        tasks = shown.config.to_dict()["task"]
        records = sorted(self._store.list(), key=lambda record: record.created, reverse=True)
        return [record for record in records if alike(record.config.get("task", {}), tasks)]

    def _baseline(self, algorithm: str, records: list[RunRecord]) -> RunRecord | None:
        for record in records:
            if record.algorithm == algorithm and self._store.latest_checkpoint(record.id) is not None:
                return record
        return None

    def _of_run(self, record: RunRecord) -> list[Offer]:
        checkpoints = self._store.checkpoints(record.id)
        if not checkpoints:
            return []
        name = f"{record.id} · {_title_of(record)}"
        offers = [
            Offer(newest_of(record.id), "Runs", f"Newest, meta-step {checkpoints[-1].step:,}", within=name),
            Offer(f"run:{record.id}:start", "Runs", "Before training", within=name),
        ]
        for checkpoint in reversed([each for each in checkpoints[:-1] if each.step]):
            word = "best, " if checkpoint.best else ""
            text = f"Checkpoint, {word}meta-step {checkpoint.step:,}"
            offers.append(Offer(f"run:{record.id}:{checkpoint.step}", "Runs", text, within=name))
        return offers

    def _source(self, record: RunRecord, point: str) -> Source:
        config = record.experiment()
        if point == "start":
            return Source(config, 0, run_id=record.id)
        checkpoints = self._store.checkpoints(record.id)
        wanted = [each for each in checkpoints if point == "last" or str(each.step) == point]
        if not wanted:
            raise MetaguiError(f"{record.id} no longer has this checkpoint: only the last two and the best are kept")
        checkpoint = wanted[-1]
        return Source(config, checkpoint.step, checkpoint=str(checkpoint.path), run_id=record.id)


def _demos(shown: Source) -> list[Demo]:
    """Demonstrations of the same tasks, without those that cannot be read."""
    found = []
    for name in demo_names():
        with contextlib.suppress(MetaguiError):
            demo = load_demo(name)
            if alike(demo.config.to_dict()["task"], shown.config.to_dict()["task"]):
                found.append(demo)
    return found


def _demo_of(algorithm: str, shown: Source) -> Demo | None:
    return next((demo for demo in _demos(shown) if demo.config.algorithm.name == algorithm), None)


def _source_of(demo: Demo) -> Source:
    return Source(demo.config, demo.measured.step, checkpoint=str(demo.checkpoint))


def newest_of(run_id: str) -> str:
    """The key of a run's newest checkpoint."""
    return f"run:{run_id}:last"


def algorithm_title(config: ExperimentConfig) -> str:
    """``MAML``."""
    return str(choices("algorithm").get(config.algorithm.name, type(config.algorithm)).title)


def which(source: Source) -> str:
    """``r-0003 · meta-step 1,200``."""
    step = f"meta-step {source.step:,}" if source.step else "before training"
    return f"{source.run_id} · {step}" if source.run_id else step


def alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether networks for these tasks have the same inputs and outputs; shots and queries may differ."""
    return all(one.get(name) == other.get(name) for name in ("name", "dataset", "n_way"))


def _title_of(record: RunRecord) -> str:
    section = choices("algorithm").get(record.algorithm)
    return str(section.title) if section is not None else record.algorithm
