"""How far conjugate gradient is from the implicit gradient, by iteration and condition number of H + lambda I.

On quadratics the inner solution and the implicit gradient have closed forms, so that all that is left is the error of
the linear solver. Prints a table, and draws it with ``--png``: ``python -m benchmarks.cg_condition --png cg.png``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from metagui.engine.implicit import System, conjugate_gradient

CONDITIONS = (1.5, 2.0, 4.0, 10.0, 25.0, 50.0, 100.0, 1000.0)
ITERATIONS = (1, 2, 3, 5, 10, 20, 40)
SIZE, TASKS = 50, 32


def errors(condition: float, iterations: Sequence[int], size: int = SIZE, tasks: int = TASKS) -> list[float]:
    """Mean relative error of g = lambda x after each number of iterations, over ``tasks`` random quadratics [P = size]
    with lambda = 1 and spectra of H + lambda I spread evenly over 1 .. ``condition``; float64."""
    random = torch.Generator().manual_seed(0)
    basis, _ = torch.linalg.qr(torch.randn(tasks, size, size, generator=random, dtype=torch.float64))
    eigenvalues = torch.linspace(0, condition - 1, size, dtype=torch.float64)
    hessian = basis @ torch.diag(eigenvalues) @ basis.transpose(1, 2)
    v = torch.randn(tasks, size, generator=random, dtype=torch.float64)
    system = System(lambda x: (hessian @ x.unsqueeze(-1)).squeeze(-1), 1.0)
    exact = torch.linalg.solve(hessian + torch.eye(size, dtype=torch.float64), v)
    found = (conjugate_gradient(system.product, v, iterations=n, tolerance=0.0).x for n in iterations)
    return [_relative(x, exact) for x in found]


def _relative(x: Tensor, exact: Tensor) -> float:
    return float(((x - exact).norm(dim=1) / exact.norm(dim=1)).mean())


def table(rows: dict[float, list[float]]) -> str:
    """Markdown: a row for each condition number, a column for each number of iterations."""
    head = "| condition | " + " | ".join(f"{n} CG" for n in ITERATIONS) + " |"
    rule = "|---" * (len(ITERATIONS) + 1) + "|"
    lines = [f"| {condition:g} | " + " | ".join(f"{e:.1e}" for e in row) + " |" for condition, row in rows.items()]
    return "\n".join([head, rule, *lines])


def draw(rows: dict[float, list[float]], out: Path) -> None:
    """The same as curves, error over iterations on a logarithmic scale."""
    import os

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import pyqtgraph as pg

    application = pg.mkQApp()
    pg.setConfigOptions(antialias=True, background="w", foreground="#222")
    plot = pg.PlotWidget(title="Conjugate gradient against the exact implicit gradient")
    plot.resize(960, 600)
    plot.setLogMode(y=True)
    plot.addLegend(offset=(20, -50), labelTextColor="#222", brush="#ffffffd0")
    plot.setLabel("bottom", "CG iterations")
    plot.setLabel("left", "relative error of the meta-gradient")
    plot.showGrid(x=True, y=True, alpha=0.15)
    for index, (condition, row) in enumerate(rows.items()):
        colour = pg.intColor(index, hues=len(rows), values=1, maxValue=190)
        style = {"symbol": "o", "symbolSize": 6, "symbolBrush": colour, "symbolPen": None}
        shown = [max(error, 1e-17) for error in row]
        plot.plot(ITERATIONS, shown, pen=pg.mkPen(colour, width=2), name=f"condition {condition:g}", **style)
    plot.show()
    application.processEvents()
    plot.grab().save(str(out))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--png", type=Path, metavar="FILE", help="draw the curves there as well")
    options = parser.parse_args(argv)
    rows = {condition: errors(condition, ITERATIONS) for condition in CONDITIONS}
    print(table(rows))
    if options.png:
        draw(rows, options.png)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
