"""The colours of the window as data. Every widget and plot takes its colours from one of these."""

from __future__ import annotations

from dataclasses import dataclass

# Nine samples of the viridis colour map (matplotlib, CC0), evenly spaced: perceptually uniform, safe for
# colour-blind readers and in grey.
_VIRIDIS = (
    (68, 1, 84),
    (71, 44, 122),
    (59, 81, 139),
    (44, 113, 142),
    (33, 144, 141),
    (39, 173, 129),
    (92, 200, 99),
    (170, 220, 50),
    (253, 231, 37),
)


@dataclass(frozen=True, slots=True)
class Theme:
    """One look. All colours are ``#rrggbb``; text colours keep a contrast of 4.5 on window, panel and field."""

    name: str
    is_dark: bool
    window: str
    """Behind everything: toolbar, docks, status bar."""
    panel: str
    """Raised surfaces: cards, tables, pages."""
    field: str
    """What can be edited."""
    line: str
    """Borders and separators."""
    text: str
    muted: str
    """Secondary text: captions, units, hints."""
    accent: str
    accent_text: str
    """On top of ``accent``."""
    good: str
    warning: str
    bad: str
    plot_background: str
    grid: str
    support: str
    """Support points of a task."""
    truth: str
    """The true function of a task."""
    cycle: tuple[str, ...]
    """Colours of runs, in order; safe for colour-blind readers."""
    sequence_range: tuple[float, float]
    """The part of viridis that stands out from the plot's background."""

    def sequence(self, n: int) -> list[str]:
        """``n`` colours from dark to bright for inner steps 0..n-1."""
        low, high = self.sequence_range
        if n <= 1:
            return [_viridis(high)] * max(n, 0)
        return [_viridis(low + (high - low) * index / (n - 1)) for index in range(n)]


def _viridis(position: float) -> str:
    scaled = min(max(position, 0.0), 1.0) * (len(_VIRIDIS) - 1)
    index = min(int(scaled), len(_VIRIDIS) - 2)
    share = scaled - index
    low, high = _VIRIDIS[index], _VIRIDIS[index + 1]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(low, high, strict=True))


DARK = Theme(
    name="dark",
    is_dark=True,
    window="#12151a",
    panel="#191d24",
    field="#222832",
    line="#2e3541",
    text="#e6eaf0",
    muted="#9aa5b4",
    accent="#56a2ff",
    accent_text="#06121f",
    good="#45d093",
    warning="#f2b84b",
    bad="#ff7b72",
    plot_background="#161a20",
    grid="#2a313b",
    support="#ffb224",
    truth="#aab4c2",
    cycle=("#5aa9ff", "#ff9457", "#3fcf8e", "#e48ac0", "#f2d04b", "#9d8cff", "#49d3e0", "#c9b59a"),
    sequence_range=(0.28, 1.0),
)

LIGHT = Theme(
    name="light",
    is_dark=False,
    window="#f2f4f8",
    panel="#ffffff",
    field="#ffffff",
    line="#d5dbe4",
    text="#1a212b",
    muted="#5b6675",
    accent="#1463d8",
    accent_text="#ffffff",
    good="#0f7b4d",
    warning="#935a00",
    bad="#c4291c",
    plot_background="#ffffff",
    grid="#e3e7ee",
    support="#b35c00",
    truth="#596474",
    cycle=("#1668e0", "#cc4b0a", "#0b8457", "#b0398a", "#8f6a00", "#6a4fd0", "#007d8f", "#76604a"),
    sequence_range=(0.0, 0.76),
)

HIGH_CONTRAST = Theme(
    name="high contrast",
    is_dark=True,
    window="#000000",
    panel="#000000",
    field="#0d0d0d",
    line="#a8a8a8",
    text="#ffffff",
    muted="#e0e0e0",
    accent="#ffd60a",
    accent_text="#000000",
    good="#4cff9a",
    warning="#ffc247",
    bad="#ff8f8f",
    plot_background="#000000",
    grid="#4a4a4a",
    support="#ffb000",
    truth="#ffffff",
    cycle=("#6cb8ff", "#ffa05c", "#4cf0a0", "#ff9bd5", "#ffe45c", "#b9a8ff", "#5cecff", "#ffffff"),
    sequence_range=(0.35, 1.0),
)

THEMES: dict[str, Theme] = {"dark": DARK, "light": LIGHT, "high-contrast": HIGH_CONTRAST}
"""By the word that settings and the command line use."""
