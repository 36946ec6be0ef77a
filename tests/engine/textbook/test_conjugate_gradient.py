"""Conjugate gradient against torch's direct solver."""

from __future__ import annotations

import torch
from torch import Tensor

from metagui.engine.textbook import conjugate_gradient


def positive_definite(size: int, eigenvalues: Tensor | None = None) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(size)
    basis, _ = torch.linalg.qr(torch.randn(size, size, generator=random, dtype=torch.float64))
    if eigenvalues is None:
        eigenvalues = torch.linspace(1, 10, size, dtype=torch.float64)
    return basis @ torch.diag(eigenvalues) @ basis.T, torch.randn(size, generator=random, dtype=torch.float64)


def test_that_it_solves_a_system_exactly_within_as_many_steps_as_unknowns() -> None:
    matrix, b = positive_definite(12)
    x, residuals = conjugate_gradient(lambda v: matrix @ v, b, iterations=12, tolerance=1e-12)
    torch.testing.assert_close(x, torch.linalg.solve(matrix, b), rtol=1e-10, atol=0)
    assert residuals[-1] <= 1e-12


def test_that_it_needs_one_step_for_each_distinct_eigenvalue() -> None:
    values = torch.tensor([1.0] * 5 + [4.0] * 5 + [9.0] * 5, dtype=torch.float64)
    matrix, b = positive_definite(15, values)
    x, residuals = conjugate_gradient(lambda v: matrix @ v, b, iterations=15, tolerance=1e-12)
    assert len(residuals) == 1 + 3
    torch.testing.assert_close(x, torch.linalg.solve(matrix, b), rtol=1e-10, atol=0)


def test_that_the_reported_residuals_are_those_of_the_solution() -> None:
    matrix, b = positive_definite(20)
    for iterations in range(6):
        x, residuals = conjugate_gradient(lambda v: matrix @ v, b, iterations, tolerance=0.0)
        assert len(residuals) == iterations + 1
        torch.testing.assert_close(residuals[-1], float((b - matrix @ x).norm() / b.norm()), rtol=1e-10, atol=0)


def test_that_it_stops_at_a_tolerance_relative_to_the_right_side() -> None:
    matrix, b = positive_definite(20)
    x, residuals = conjugate_gradient(lambda v: matrix @ v, b, iterations=20, tolerance=1e-3)
    scaled_x, scaled = conjugate_gradient(lambda v: matrix @ v, 1e-8 * b, iterations=20, tolerance=1e-3)
    assert residuals[-1] <= 1e-3 < residuals[-2]
    torch.testing.assert_close(scaled, residuals, rtol=1e-6, atol=0)
    torch.testing.assert_close(scaled_x, 1e-8 * x, rtol=1e-6, atol=0)


def test_that_it_keeps_its_solution_where_curvature_is_not_positive() -> None:
    values = torch.tensor([-5.0, 1.0, 2.0, 3.0, 4.0, 5.0], dtype=torch.float64)
    matrix, b = positive_definite(6, values)
    x, residuals = conjugate_gradient(lambda v: matrix @ v, b, iterations=50, tolerance=1e-12)
    assert len(residuals) < 7
    assert bool(torch.isfinite(x).all())
    torch.testing.assert_close(residuals[-1], float((b - matrix @ x).norm() / b.norm()), rtol=1e-10, atol=0)


def test_that_a_direction_below_the_floor_is_not_taken() -> None:
    values = torch.tensor([0.01, 2.0, 2.0, 2.0], dtype=torch.float64)
    matrix, b = positive_definite(4, values)
    free, _ = conjugate_gradient(lambda v: matrix @ v, b, iterations=4, tolerance=1e-12)
    held, residuals = conjugate_gradient(lambda v: matrix @ v, b, iterations=4, tolerance=1e-12, curvature_floor=0.5)
    assert residuals[-1] > 1e-12
    assert held.norm() <= b.norm() / 0.5 < free.norm()


def test_that_a_wholly_negative_matrix_yields_zero() -> None:
    x, residuals = conjugate_gradient(lambda v: -v, torch.ones(4), iterations=5, tolerance=0.0)
    assert torch.equal(x, torch.zeros(4))
    assert residuals == (1.0,)


def test_that_a_right_side_of_zero_yields_zero() -> None:
    x, residuals = conjugate_gradient(lambda v: 3 * v, torch.zeros(4), iterations=5, tolerance=1e-10)
    assert torch.equal(x, torch.zeros(4))
    assert residuals == (1.0,)
