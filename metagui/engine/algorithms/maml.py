"""MAML (Finn, Abbeel, Levine 2017, algorithm 2), batched over tasks, with the switches of MAML++.

Antoniou, Edwards, Storkey, "How to train your MAML", 2019: multi-step loss, learned rates for each layer and step,
derivative-order annealing. (Its fourth, the cosine schedule, is one of the outer loop's.)
"""

from __future__ import annotations

import torch
from torch import Tensor

from metagui.config.algorithms import MAML as MAMLConfig
from metagui.engine.algorithms.base import MetaGradient, descent_series
from metagui.engine.algorithms.unrolled import RateGradients, Unrolled
from metagui.engine.bank import Bank, Boundary, no_boundary
from metagui.engine.episode import EpisodeBatch
from metagui.engine.gradient_step import Rate
from metagui.engine.inner_loop import pull_back, unroll

RATES = "layer_rates"


class MAML(Unrolled):
    """Meta-gradient through the unrolled inner loop: d sum_k w_k L_query(phi_k(theta)) / d theta, w_K = 1 alone unless
    the multi-step loss is on."""

    def __init__(self, bank: Bank, config: MAMLConfig) -> None:
        super().__init__(bank, config)
        self.config = config
        owner = {name: name.rpartition(".")[0] or name for name in bank.space.shapes}  # linear0 of linear0.weight
        layers = list(dict.fromkeys(owner.values()))
        sizes = [shape.numel() for shape in bank.space.shapes.values()]
        owners = torch.tensor([layers.index(layer) for layer in owner.values()])
        self._layers = layers
        self._layer_of = owners.repeat_interleave(torch.tensor(sizes))  # [P]

    # --- rates ---------------------------------------------------------------------------------------------------

    def initial_learned(self) -> dict[str, Tensor]:
        """A rate for each inner step and layer, [K, layers], where they are learned."""
        if not self.config.learned_rates:
            return {}
        return {RATES: torch.full((self.inner_steps, len(self._layers)), self.inner_lr, dtype=torch.float64)}

    def rate(self, k: int, theta: Tensor) -> Rate:
        if not self.config.learned_rates:
            return self.inner_lr
        self._layer_of = self._layer_of.to(theta.device)
        return self.learned[RATES].detach()[min(k, self.inner_steps - 1), self._layer_of]

    def learned_gradients(self, rates: RateGradients) -> dict[str, Tensor]:
        """A layer's rate is shared by its parameters: the sum of theirs."""
        if not self.config.learned_rates:
            return {}
        by_parameter = torch.stack([rates[k] for k in range(self.inner_steps)])  # [K, P]
        by_layer = by_parameter.new_zeros(self.inner_steps, len(self._layers))
        return {RATES: by_layer.index_add_(1, self._layer_of.to(by_layer.device), by_parameter)}

    def rate_series(self) -> dict[str, Tensor]:
        """The learned rate of each inner step, mean over the layers."""
        if not self.config.learned_rates:
            return {}
        return {f"learned_rate/{k}": rate for k, rate in enumerate(self.learned[RATES].detach().mean(dim=1))}

    # --- meta-gradient -------------------------------------------------------------------------------------------

    def meta_gradient(
        self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
    ) -> MetaGradient:
        if self.config.multi_step_loss or self.config.first_order_steps or self.config.compare_first_order:
            return self._with_switches(theta, batch, step, boundary)
        return super().meta_gradient(theta, batch, step=step, boundary=boundary)

    def _with_switches(self, theta: Tensor, batch: EpisodeBatch, step: int, boundary: Boundary) -> MetaGradient:
        start = theta.detach().expand(len(batch), -1)
        weights = self.loss_weights(step)
        seen: list[Tensor] = [start]
        descent = unroll(self.bank, start, batch.support, self.rates(theta), boundary, visit=seen.append)
        final = self.bank.final_pass(descent.phi, batch, self.inner_steps, boundary)
        earlier = {
            k: weights[k - 1] * self.bank.query_pass(seen[k], batch, k).gradient
            for k in range(1, self.inner_steps)
            if weights[k - 1]
        }
        second_order = step >= self.config.first_order_steps
        last, rates = weights[-1] * final.gradient, RateGradients()
        gradients = pull_back(
            descent, last, boundary, earlier=earlier.get, by_rate=self.collector(rates), second_order=second_order
        )
        series = descent_series(descent.losses, final) | self.rate_series()
        if self.config.multi_step_loss:
            series |= {f"loss_weight/{k}": theta.new_tensor(weight) for k, weight in enumerate(weights, start=1)}
        if self.config.first_order_steps:
            series["second_order"] = theta.new_tensor(float(second_order))
        if self.config.compare_first_order:
            series |= comparison(gradients, last + sum(earlier.values()))
        return MetaGradient(gradients.mean(dim=0), series, self.learned_gradients(rates))

    def loss_weights(self, step: int) -> list[float]:
        """w_1 .. w_K after ``step`` meta-updates: all 1/K at first, the last alone from ``multi_step_loss`` on."""
        steps, over = self.inner_steps, self.config.multi_step_loss
        others = (1 - step / over) / steps if step < over else 0.0
        return [others] * (steps - 1) + [1 - (steps - 1) * others]


def comparison(gradient: Tensor, first_order: Tensor) -> dict[str, Tensor]:
    """Of each task's meta-gradient with the one that leaves out second derivatives, [T, P] each; means over tasks."""
    cosine = torch.nn.functional.cosine_similarity(gradient, first_order, dim=1)
    return {"order_gap": (gradient - first_order).norm(dim=1).mean(), "order_cosine": cosine.mean()}
