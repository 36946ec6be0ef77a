"""A network whose arithmetic rounds to bfloat16, while its parameters and what comes out stay float32."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from metagui.engine.models.base import Model, Parameters
from metagui.engine.models.normalisation import Normalise, by_batch


class MixedPrecision:
    """A model under autocast. Entered anew in every pass, since autocast holds for one thread alone."""

    def __init__(self, model: Model, device: torch.device) -> None:
        self._model = model
        self._device_type = device.type

    @property
    def shapes(self) -> Mapping[str, torch.Size]:
        return self._model.shapes

    @property
    def norm_mode(self) -> str:
        return self._model.norm_mode

    @property
    def normalised_channels(self) -> Sequence[int]:
        return self._model.normalised_channels

    @property
    def head(self) -> tuple[str, str]:
        return self._model.head

    @property
    def query_task_by_task(self) -> bool:
        return self._model.query_task_by_task

    def initial_parameters(self, random: torch.Generator) -> Parameters:
        return self._model.initial_parameters(random)

    def forward(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        with self._rounding():
            return self._model.forward(parameters, inputs, normalise).float()

    def features_bank(
        self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch
    ) -> Tensor:
        with self._rounding():
            return self._model.features_bank(parameters, inputs, normalise).float()

    def forward_bank(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        with self._rounding():
            return self._model.forward_bank(parameters, inputs, normalise).float()

    def _rounding(self) -> torch.autocast:
        # Its cache of rounded weights would outlive the inner step that they belong to.
        return torch.autocast(self._device_type, torch.bfloat16, cache_enabled=False)
