"""What a model is to the engine: pure functions of named parameters, for one task and for a bank of tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor

from metagui.engine.models.normalisation import Normalise, by_batch

Parameters = dict[str, Tensor]


class Model(Protocol):
    """A network without state. The parameters it is given may be views that are not contiguous."""

    @property
    def shapes(self) -> Mapping[str, torch.Size]:
        """Names and shapes of the parameters, in order."""
        ...

    @property
    def norm_mode(self) -> str:
        """Where normalisation layers take their statistics from: "transductive", "support", "per_step" (see
        :mod:`metagui.engine.models.normalisation`), "none" without such layers; reported with every number."""
        ...

    @property
    def normalised_channels(self) -> Sequence[int]:
        """Channels of each normalisation layer, in order; empty where there are none."""
        ...

    @property
    def head(self) -> tuple[str, str]:
        """Names of weight [output_size, d] and bias [output_size] of the last layer, a linear one; the rest is the
        body."""
        ...

    @property
    def query_task_by_task(self) -> bool:
        """Whether large query sets go faster through :meth:`forward`, one task after another, than through the bank."""
        ...

    def initial_parameters(self, random: torch.Generator) -> Parameters:
        """Fresh float32 parameters on the CPU, decided by the generator alone."""
        ...

    def forward(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        """One task, as a textbook writes it: inputs [n, *input_shape] -> outputs [n, output_size]."""
        ...

    def features_bank(
        self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch
    ) -> Tensor:
        """What the body makes of the examples of T tasks: inputs [T, n, *input_shape] -> [T, n, d]."""
        ...

    def forward_bank(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        """T tasks, each with its own parameters [T, *shape]: inputs [T, n, *input_shape] -> [T, n, output_size]."""
        ...


def linear_bank(inputs: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A linear layer of each of T tasks: [T, n, d], [T, o, d], [T, o] -> [T, n, o]."""
    return torch.baddbmm(bias.unsqueeze(1), inputs, weight.transpose(1, 2))


class ParameterSpace:
    """Named parameters as one flat vector and back, with any leading dimensions."""

    def __init__(self, shapes: Mapping[str, torch.Size]) -> None:
        self.shapes = dict(shapes)
        self.sizes = [shape.numel() for shape in self.shapes.values()]
        self.size = sum(self.sizes)

    def flatten(self, parameters: Mapping[str, Tensor]) -> Tensor:
        """[P] (or [T, P] where every parameter has a leading task dimension), in the order of ``shapes``."""
        first, shape = next(iter(self.shapes.items()))
        lead = parameters[first].dim() - len(shape)
        return torch.cat([self._laid(parameters[name], lead).flatten(lead) for name in self.shapes], dim=-1)

    def unflatten(self, vector: Tensor) -> Parameters:
        """Views into the vector [..., P], by name."""
        lead = vector.shape[:-1]
        return {name: self._shaped(part, lead, self.shapes[name]) for name, part in self._parts(vector)}

    def row_major(self, vector: Tensor) -> Tensor:
        """The same vector [..., P] with every parameter row by row, the order that files and other libraries keep."""
        return vector

    def from_row_major(self, vector: Tensor) -> Tensor:
        """Back from :meth:`row_major`."""
        return vector

    def _parts(self, vector: Tensor) -> Iterable[tuple[str, Tensor]]:
        # The backward of split is one cat; that of narrow fills zeros.
        return zip(self.shapes, torch.split(vector, self.sizes, dim=-1), strict=True)

    def _laid(self, value: Tensor, lead: int) -> Tensor:
        """A parameter [..., *shape] after ``lead`` dimensions, in the order of the vector."""
        return value

    def _shaped(self, part: Tensor, lead: torch.Size, shape: torch.Size) -> Tensor:
        """A part [..., size] of the vector as the parameter of that shape, a view."""
        return part.reshape(*lead, *shape)


class ChannelsInnermost(ParameterSpace):
    """In the vector the weights of a convolution [f, c, h, w] lie with their channels c innermost, as the CPU convolves
    fastest: nothing needs turning round on the way in, nor does the gradient on the way back. As views into the vector
    they are not contiguous."""

    def row_major(self, vector: Tensor) -> Tensor:
        return torch.cat([value.flatten(vector.dim() - 1) for value in self.unflatten(vector).values()], dim=-1)

    def from_row_major(self, vector: Tensor) -> Tensor:
        lead = vector.shape[:-1]
        return self.flatten({name: part.reshape(*lead, *self.shapes[name]) for name, part in self._parts(vector)})

    def _laid(self, value: Tensor, lead: int) -> Tensor:
        return value.movedim(-3, -1) if value.dim() - lead == 4 else value

    def _shaped(self, part: Tensor, lead: torch.Size, shape: torch.Size) -> Tensor:
        if len(shape) != 4:
            return super()._shaped(part, lead, shape)
        filters, channels, height, width = shape
        return part.reshape(*lead, filters, height, width, channels).movedim(-1, -3)


def space_of(shapes: Mapping[str, torch.Size]) -> ParameterSpace:
    """That in which a bank of such networks is fastest."""
    has_convolutions = any(len(shape) == 4 for shape in shapes.values())
    return ChannelsInnermost(shapes) if has_convolutions else ParameterSpace(shapes)
