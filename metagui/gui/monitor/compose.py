"""Which curves the two plots draw, in which colours, and what their legends say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from metagui.gui.monitor.curve import Curve, Style
from metagui.gui.monitor.history import RunHistory
from metagui.gui.monitor.legend import Entry
from metagui.gui.monitor.traces import DASHES, Trace
from metagui.gui.monitor.views import View, members_shown
from metagui.gui.theme import Theme, mixed

_FAINT = 0.62  # share of the background in the colour of raw values
_MOST_FAINT = 8  # with more curves than that the raw values are a blur, and left out
_MOST_ROWS = 9  # of a legend, before a colour bar takes its place


@dataclass(slots=True)
class Composition:
    """What one plot draws. ``bar`` holds heading, colours and ends of a colour bar in place of ``entries``."""

    traces: list[Trace] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    bar: tuple[str, list[str], tuple[str, str]] | None = None


class CurveCache:
    """The curves in use, so that changing what is shown does not lose what was computed."""

    def __init__(self) -> None:
        self._curves: dict[tuple[str, str], Curve] = {}

    def get(self, run: RunHistory, name: str, style: Style) -> Curve:
        key = (run.run_id, name)
        if key not in self._curves:
            self._curves[key] = Curve(run, run.series[name], style)
        self._curves[key].update(style)
        return self._curves[key]

    def forget(self, run_id: str) -> None:
        self._curves = {key: curve for key, curve in self._curves.items() if key[0] != run_id}


def style_for(view: View, style: Style) -> Style:
    """The shared style as far as it fits the quantity: shares stay linear, sparse and set values are not smoothed."""
    smooths = view.dense and not view.as_set
    return replace(style, log=style.log and not view.percent, weight=style.weight if smooths else 0.0)


def run_colour(run: RunHistory, theme: Theme) -> str:
    return theme.cycle[run.slot % len(theme.cycle)]


def compose_runs(
    runs: Iterable[RunHistory], current: RunHistory | None, view: View, style: Style, theme: Theme, curves: CurveCache
) -> Composition:
    """The outer plot: one curve a run, its held-out values as marks in the same colour."""
    composition = Composition()
    chosen, held_out_style = style_for(view, style), replace(style_for(view, style), weight=0.0)
    any_held_out = False
    for run in runs:
        colour, dash = run_colour(run, theme), DASHES[run.slot % len(DASHES)]
        present = len(run.series.get(view.family, ())) > 0
        held_out = view.held_out and len(run.series.get(view.held_out, ())) > 0
        if not (present or held_out):
            continue
        composition.entries.append(Entry(run.title, colour, run.run_id, dash, faded=not run.visible))
        if not run.visible:
            continue
        is_current = run is current
        if present:
            curve = curves.get(run, view.family, chosen)
            faint = mixed(colour, theme.plot_background, _FAINT) if chosen.weight else ""
            width = 2.4 if is_current else 1.8
            composition.traces.append(Trace(curve, chosen, run.title, colour, faint, width, dash, current=is_current))
        if held_out:
            any_held_out = True
            curve = curves.get(run, view.held_out, held_out_style)
            bright = mixed(colour, theme.text, 0.25)
            trace = Trace(
                curve, held_out_style, f"{run.title}, held-out", bright, "", 1.0, (), marks=True, current=is_current
            )
            composition.traces.append(trace)
    if any_held_out:
        composition.entries.append(Entry("on held-out tasks", theme.muted, mark=True))
    return composition


def compose_members(run: RunHistory, view: View, style: Style, theme: Theme, curves: CurveCache) -> Composition:
    """The inner plot: one curve an inner step of one run, in the colours of the sequence."""
    composition = Composition()
    chosen = style_for(view, style)
    if not view.member:
        _compose_single(composition, run, view, chosen, theme, curves)
        return composition
    members = run.members(view.family)
    shown = members_shown(members)
    colours = dict(zip(members, theme.sequence(len(members)), strict=True))
    for member in shown:
        colour = colours[member]
        faint = mixed(colour, theme.plot_background, _FAINT) if chosen.weight and len(shown) <= _MOST_FAINT else ""
        curve = curves.get(run, f"{view.family}/{member}", chosen)
        composition.traces.append(
            Trace(curve, chosen, f"{view.member} {member}", colour, faint, 1.8, marks=not view.dense)
        )
    if len(shown) <= _MOST_ROWS:
        composition.entries = [Entry(f"{view.member} {member}", colours[member]) for member in shown]
    else:
        composition.bar = _bar(view, members, shown, [colours[member] for member in shown])
    return composition


def _compose_single(
    composition: Composition, run: RunHistory, view: View, style: Style, theme: Theme, curves: CurveCache
) -> None:
    """One curve, and those beside it in the colours of the cycle."""
    others = [(name, title) for name, title in view.beside if len(run.series.get(name, ()))]
    named = [(view.family, "mean" if others else view.axis), *others]
    colours = [theme.accent, *theme.cycle[1:]]  # the cycle begins with the accent's own blue
    for (name, title), colour in zip(named, colours, strict=False):
        if not len(run.series.get(name, ())):
            continue
        faint = mixed(colour, theme.plot_background, _FAINT) if style.weight else ""
        curve = curves.get(run, name, style)
        composition.traces.append(Trace(curve, style, title, colour, faint, marks=not view.dense))
        if others:
            composition.entries.append(Entry(title, colour))


def _bar(
    view: View, members: Sequence[int], shown: Sequence[int], colours: list[str]
) -> tuple[str, list[str], tuple[str, str]]:
    heading = f"inner {view.member}" if view.member == "step" else view.member
    if len(shown) < len(members):
        heading += f" ({len(shown)} of {len(members)} drawn)"
    return heading, colours, (str(members[0]), str(members[-1]))
