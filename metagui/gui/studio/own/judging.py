"""What may be said of an answer: probabilities made honest where that is known, and when it went wrong. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metagui.events import Adaptation
from metagui.gui.adaptation.content import Floats

SURE_FROM = 0.6
"""Below this probability of the likeliest class, the answer is "not sure"."""
_EXPLODED = 10.0
"""So many times above where it began, a support loss has run away."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``probabilities`` [n_way] after calibration; ``label`` the likeliest class."""

    probabilities: Floats
    label: int
    sure: bool

    @property
    def confidence(self) -> float:
        return float(self.probabilities[self.label])

    @property
    def words(self) -> str:
        guess = f"Class {self.label + 1} · {self.confidence:.0%}"
        return guess if self.sure else f"Not sure · {self.label + 1}?"


def tempered(probabilities: Floats, temperature: float) -> Floats:
    """Probabilities [..., n_way] whose logits are divided by the temperature; 1 leaves them."""
    logits = np.log(np.clip(probabilities, 1e-12, None)) / temperature
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True), dtype=np.float64)


def verdict(probabilities: Floats, temperature: float | None) -> Verdict | None:
    """None where the network gave no numbers."""
    if not np.isfinite(probabilities).all():
        return None
    honest = tempered(probabilities, temperature or 1.0)
    label = int(honest.argmax())
    return Verdict(honest, label, bool(honest[label] >= SURE_FROM))


def explosion(adaptation: Adaptation) -> str:
    """A sentence where adaptation ran away from the support points instead of towards them."""
    losses = np.asarray(adaptation.support_loss.numpy(), dtype=np.float64)
    if losses.size and (not np.isfinite(losses).all() or losses[-1] > _EXPLODED * losses[0]):
        return "Adaptation explodes: its steps are too large for this task. Try a smaller inner rate, or fewer steps."
    return ""
