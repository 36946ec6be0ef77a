"""Lake's twenty one-shot runs as an evaluation: 20 characters of one alphabet, one drawing each, 20 drawings to tell.

The test that people and Bayesian program learning took (Lake et al. 2015): so a network may have been trained on
nothing of the alphabets that it is made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from metagui.config.changes import with_changes_of
from metagui.config.experiment import ExperimentConfig
from metagui.config.tasks import GlyphTasks, OmniglotTasks
from metagui.datasets.lake_runs import RUNS, SIDE, WAYS, Pictures, read_runs
from metagui.datasets.omniglot_names import characters_of, split_characters
from metagui.engine.checkpoint import Checkpoint
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.evaluation import mean_and_interval
from metagui.engine.learner import NORM, MetaLearner
from metagui.engine.studio.fitting import fit
from metagui.engine.studio.own_task import MisfitError
from metagui.errors import DataError, InvalidValueError

PUBLISHED = {"people": 0.045, "Bayesian program learning": 0.033, "Modified Hausdorff distance": 0.388}
"""Error rates over the twenty runs: the first two of Lake et al. 2015, the last of the official repository."""


@dataclass(frozen=True, slots=True)
class LakeScores:
    """Error rates: ``by_run`` [K + 1, 20] before and after every inner step, ``pixels`` [20] of the nearest drawing."""

    by_run: npt.NDArray[np.float64]
    pixels: npt.NDArray[np.float64]
    norm_mode: str

    @property
    def inner_steps(self) -> int:
        return len(self.by_run) - 1

    @property
    def mean(self) -> float:
        """After the last step, over the runs."""
        return float(self.by_run[-1].mean())

    @property
    def ci95(self) -> float:
        """Half-width of the 95 % interval over the runs, 1.96 s / sqrt(20)."""
        return float(mean_and_interval(self.by_run)[1][-1])


def evaluate_on_runs(
    config: ExperimentConfig,
    checkpoint: Checkpoint,
    datasets_dir: Path,
    inner_steps: int | None = None,
    norm_mode: str | None = None,
) -> LakeScores:
    """Adapt a run's network to each of the twenty support sets and let it tell the twenty test drawings.

    ``norm_mode`` of batch norm, where it should be another than in training: "transductive" or "support". Every
    drawing is told for itself: that no two show the same character is not used. Raises DataError where the runs are
    not installed or the network was trained on their alphabets, InvalidValueError where it cannot take the test.
    """
    refuse_trained_on_runs(config)
    pictures = read_runs(datasets_dir)
    chosen = _with_norm_mode(config, norm_mode)
    learner = MetaLearner(chosen, datasets=datasets_dir)
    if learner.family.input_shape != (1, SIDE, SIDE):
        raise InvalidValueError("task.name", "Lake's runs are 28x28 grey pictures, and this network takes others")
    running = chosen.model.model_dump().get("norm_mode") == "per_step"
    learner.load_parameters(
        {name: value for name, value in checkpoint.weights.items() if running or not name.startswith(NORM)}
    )
    learner.reconfigure(with_changes_of(chosen, checkpoint.config))
    try:
        fitted = fit(learner, WAYS)
    except MisfitError as error:
        raise InvalidValueError(
            "task.n_way",
            f"Lake's runs have {WAYS} classes, and this network's last layer has {learner.family.output_size} "
            f"outputs: train one with task.n_way={WAYS} (a prototypical network of any number of ways will do)",
        ) from error
    batch = batch_of(pictures).to(learner.device, learner.dtype)
    steps = fitted.evaluation_steps if inner_steps is None else inner_steps
    errors = []
    for k, phi in enumerate(fitted.adapter.adapt(fitted.theta, batch.support, steps)):
        accuracy = fitted.bank.judge(phi, batch, k).accuracy
        assert accuracy is not None
        errors.append(np.rint(WAYS * (1 - accuracy.double().cpu().numpy())) / WAYS)  # of float32: twentieths again
    return LakeScores(np.stack(errors), pixel_errors(pictures), learner.norm_mode)


def refuse_trained_on_runs(config: ExperimentConfig) -> None:
    """Raises DataError where training drew from the characters that the runs are made of, or may have."""
    task = config.task
    if isinstance(task, GlyphTasks) or (isinstance(task, OmniglotTasks) and task.split == "lake"):
        return
    if isinstance(task, OmniglotTasks):
        seen = len(set(split_characters(task.split, "train")) & set(characters_of("evaluation")))
        raise DataError(
            f"Lake's runs are made of Omniglot's evaluation alphabets, and this run was trained on {seen} of their "
            f"characters (task.split={task.split}): its error would mean nothing. Train one with task.split=lake"
        )
    raise DataError(
        f"Lake's runs judge networks that have seen none of their characters, which nobody knows of {task.title}: "
        "train one on omniglot with task.split=lake, or on glyphs"
    )


def batch_of(pictures: Pictures) -> EpisodeBatch:
    """The runs as twenty tasks of 20 ways, 1 shot and 1 query: [run, class, 2, 28, 28] of uint8."""
    images = torch.from_numpy(pictures).float().div(255).unsqueeze(3)
    labels = torch.arange(WAYS).expand(RUNS, -1).contiguous()
    return EpisodeBatch(Examples(images[:, :, 0], labels), Examples(images[:, :, 1], labels))


def pixel_errors(pictures: Pictures) -> npt.NDArray[np.float64]:
    """[20]: error rates of taking the class whose drawing is nearest, pixel by pixel."""
    flat = pictures.reshape(RUNS, WAYS, 2, SIDE * SIDE).astype(np.float64) / 255
    shown, tested = flat[:, :, 0], flat[:, :, 1]
    distances = ((tested[:, :, None] - shown[:, None]) ** 2).sum(axis=-1)
    return np.asarray((distances.argmin(axis=-1) != np.arange(WAYS)).mean(axis=1), np.float64)


def _with_norm_mode(config: ExperimentConfig, norm_mode: str | None) -> ExperimentConfig:
    if norm_mode is None:
        return config
    if "norm_mode" not in type(config.model).model_fields:
        raise InvalidValueError("--norm-mode", f"{config.model.title} has no batch norm")
    return config.model_copy(update={"model": config.model.model_copy(update={"norm_mode": norm_mode})})
