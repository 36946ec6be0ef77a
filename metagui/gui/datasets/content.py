"""What the data manager says, without any widget: its list, what removing means, and the experiment on a data set."""

from __future__ import annotations

from pathlib import Path

from metagui.config import ExperimentConfig, load_preset, parse, switch
from metagui.datasets.catalogue import GUIDES, OFFERS, OMNIGLOT
from metagui.datasets.inventory import Listed
from metagui.datasets.reporting import size_text
from metagui.datasets.waiting import bytes_waiting
from metagui.gui.datasets.sets_list import Line

_PRESETS = {"images": "omniglot-maml-5w1s", "curves": "sinusoid-maml"}
"""What an experiment begins with where the form's is of another kind of task."""
_NAMED = 4
_OMNIGLOT_PARTS = 3


def lines_of(listed: list[Listed], folder: Path) -> list[Line]:
    """The list at the left: what is installed in ``folder``, what is left to download, and what is had elsewhere."""
    by_name = {one.name: one for one in listed}
    lines = [Line("", "INSTALLED", state="heading")] if listed else []
    lines += [_line(one) for one in listed]
    offers = [offer for offer in OFFERS.values() if not _is_whole(by_name.get(offer.name))]
    if offers:
        lines.append(Line("", "TO DOWNLOAD", state="heading"))
    for offer in offers:
        there = offer.name in by_name
        waiting = bytes_waiting(offer, folder)
        here = f"{size_text(waiting)} of {size_text(offer.size)} here" if waiting else size_text(offer.size)
        title = f"{offer.title}, what is missing" if there else offer.title
        lines.append(Line(f"offer:{offer.name}" if there else offer.name, title, here))
    lines.append(Line("", "TO OBTAIN YOURSELF", state="heading"))
    return [*lines, *(Line(f"guide:{guide.name}", guide.title, guide.summary) for guide in GUIDES)]


def _is_whole(one: Listed | None) -> bool:
    """Whether nothing of an offer is left to download."""
    return one is not None and not one.problem and (one.name != OMNIGLOT.name or len(one.parts) == _OMNIGLOT_PARTS)


def _line(one: Listed) -> Line:
    if one.problem:
        return Line(one.name, one.title, "damaged", "bad")
    what = "classes" if one.kind == "images" else "tasks"
    return Line(one.name, one.title, f"{one.classes:,} {what}, {size_text(one.size)}")


def guide_terms(name: str) -> str:
    """What is suggested as the licence of a set that a guide told how to obtain."""
    return next((guide.terms.partition(".")[0] for guide in GUIDES if guide.name == name), "")


def removal_text(one: Listed, runs: list[str]) -> str:
    """What removing it means: for the disk, its source and the runs that were trained on it."""
    text = f"{size_text(one.size)} in {one.folder} are deleted; what it was made from stays as it is."
    if runs:
        others = f" and {len(runs) - _NAMED:,} more" if len(runs) > _NAMED else ""
        was = "was" if len(runs) == 1 else "were"
        text += (
            f"\n\n{', '.join(runs[:_NAMED])}{others} {was} trained on it. Curves and checkpoints stay, but such a run "
            "cannot go on, adapt or be evaluated until the same data are added again."
        )
    return text


def experiment_on(one: Listed, known: ExperimentConfig | None) -> ExperimentConfig:
    """The form's experiment with this data set as its task, or a preset's where that is of another kind of task.

    Raises InvalidValueError where the two do not go together.
    """
    kind = "images" if one.kind == "images" else "regression"
    config = known if known is not None and known.task.kind == kind else load_preset(_PRESETS[one.kind]).config
    if one.name == OMNIGLOT.name:
        return parse(switch(config.to_dict(), "task", "omniglot"))
    content = switch(config.to_dict(), "task", one.kind)
    content["task"]["dataset"] = one.name
    return parse(content)
