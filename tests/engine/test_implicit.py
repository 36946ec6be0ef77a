"""Conjugate gradient and Hessian-vector products over a bank of tasks, against linear algebra."""

from __future__ import annotations

import torch

from metagui.engine.bank import Bank
from metagui.engine.episode import Examples
from metagui.engine.implicit import conjugate_gradient
from metagui.engine.models import MLP, ParameterSpace


def _systems(eigenvalues: torch.Tensor, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Symmetric A [T, P, P] with the given spectra [T, P], and right sides b [T, P], float64."""
    random = torch.Generator().manual_seed(seed)
    tasks, size = eigenvalues.shape
    basis, _ = torch.linalg.qr(torch.randn(tasks, size, size, generator=random, dtype=torch.float64))
    matrices = basis @ torch.diag_embed(eigenvalues.double()) @ basis.transpose(1, 2)
    return matrices, torch.randn(tasks, size, generator=random, dtype=torch.float64)


def _product(matrices: torch.Tensor):
    return lambda vectors: (matrices @ vectors.unsqueeze(-1)).squeeze(-1)


def test_that_it_solves_every_task_of_the_bank() -> None:
    matrices, right = _systems(torch.linspace(1, 50, 20).expand(4, -1))
    solution = conjugate_gradient(_product(matrices), right, iterations=40, tolerance=0)
    torch.testing.assert_close(solution.x, torch.linalg.solve(matrices, right), rtol=1e-6, atol=1e-9)


def test_that_the_residuals_are_the_true_ones() -> None:
    matrices, right = _systems(torch.linspace(1, 9, 12).expand(3, -1))
    for iterations in (0, 1, 5):
        solution = conjugate_gradient(_product(matrices), right, iterations=iterations, tolerance=0)
        true = (right - _product(matrices)(solution.x)).norm(dim=1) / right.norm(dim=1)
        assert solution.residuals.shape == (iterations + 1, 3)
        torch.testing.assert_close(solution.residuals[-1], true)


def test_that_five_iterations_suffice_where_the_condition_number_is_four() -> None:
    matrices, right = _systems(torch.linspace(1, 4, 50).expand(8, -1))
    solution = conjugate_gradient(_product(matrices), right, iterations=5, tolerance=0)
    exact = torch.linalg.solve(matrices, right)
    assert ((solution.x - exact).norm(dim=1) / exact.norm(dim=1)).max() < 1e-2


def test_that_a_task_keeps_its_solution_once_it_is_good_enough() -> None:
    spectra = torch.stack([torch.ones(10), torch.linspace(1, 100, 10)])
    matrices, right = _systems(spectra)
    solution = conjugate_gradient(_product(matrices), right, iterations=6, tolerance=1e-8)
    assert solution.residuals[1, 0] < 1e-8  # solved at once: the identity
    assert solution.residuals[-1, 0] == solution.residuals[1, 0]  # and left alone
    assert solution.residuals[-1, 1] < solution.residuals[1, 1]


def test_that_negative_curvature_stops_a_task_and_no_other() -> None:
    spectra = torch.stack([-torch.ones(6), torch.linspace(1, 3, 6)])
    matrices, right = _systems(spectra)
    solution = conjugate_gradient(_product(matrices), right, iterations=10, tolerance=1e-12)
    assert torch.equal(solution.x[0], torch.zeros_like(solution.x[0]))
    assert torch.isfinite(solution.x).all()
    torch.testing.assert_close(solution.x[1], torch.linalg.solve(matrices[1], right[1]))


def test_that_a_zero_right_side_gives_zero_and_no_nan() -> None:
    matrices, right = _systems(torch.linspace(1, 3, 6).expand(2, -1))
    right[0] = 0
    solution = conjugate_gradient(_product(matrices), right, iterations=5, tolerance=1e-12)
    assert torch.equal(solution.x[0], torch.zeros_like(solution.x[0]))
    assert torch.isfinite(solution.residuals).all()


def test_that_hessian_vector_products_match_the_full_hessian_of_each_task() -> None:
    model = MLP(2, (4,), 3, "tanh")
    bank = Bank(model, ParameterSpace(model.shapes))
    random = torch.Generator().manual_seed(1)
    tasks, size = 3, bank.space.size
    phi = torch.randn(tasks, size, generator=random, dtype=torch.float64)
    inputs = torch.randn(tasks, 5, 2, generator=random, dtype=torch.float64)
    support = Examples(inputs, torch.randint(3, (tasks, 5), generator=random))
    vectors = torch.randn(tasks, size, generator=random, dtype=torch.float64)
    product = bank.linearize(phi, support).product(vectors)
    for task in range(tasks):
        one = slice(task, task + 1)

        def loss(vector: torch.Tensor, one: slice = one) -> torch.Tensor:
            return bank.losses(vector.unsqueeze(0), Examples(support.inputs[one], support.targets[one])).sum()

        hessian = torch.autograd.functional.hessian(loss, phi[task])
        torch.testing.assert_close(product[task], hessian @ vectors[task])
