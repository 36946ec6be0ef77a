"""Networks that can be meta-trained."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from metagui.config.fields import Section, setting
from metagui.config.tasks import TaskKind


class ModelSection(Section):
    """Base of every network, built-in or plug-in; ``implementation`` is called with (this configuration, the shape of
    one example, the number of outputs)."""

    fits: ClassVar[frozenset[TaskKind]]
    """Kinds of tasks whose examples it takes."""

    mixed_precision: ClassVar[bool] = False
    """Whether its arithmetic may be rounded to bfloat16 while its parameters stay float32."""

    if TYPE_CHECKING:

        @property
        def name(self) -> str: ...

    def least_parameters(self) -> int:
        """How many parameters it has at least, whatever the task: known before anything is built."""
        return 0


class MLPModel(ModelSection):
    title: ClassVar[str] = "MLP"
    summary: ClassVar[str] = "Fully connected layers; images are flattened."
    fits: ClassVar[frozenset[TaskKind]] = frozenset({"regression", "points", "images"})

    implementation: ClassVar[str] = "metagui.engine.models.mlp:build"
    name: Literal["mlp"] = "mlp"
    hidden: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = setting(
        (40, 40), title="Hidden layers", help="Units of each hidden layer, first to last.", min_length=1, max_length=8
    )
    activation: Literal["relu", "tanh", "softplus"] = setting(
        "relu",
        title="Activation",
        help="Nonlinearity after each hidden layer.",
        labels={"relu": "ReLU", "tanh": "tanh", "softplus": "softplus"},
    )

    def least_parameters(self) -> int:
        widths = (1, *self.hidden, 1)
        return sum((before + 1) * after for before, after in itertools.pairwise(widths))


class Conv4Model(ModelSection):
    title: ClassVar[str] = "Conv4"
    summary: ClassVar[str] = "Four convolutions with batch norm, each halving the image; linear head."
    fits: ClassVar[frozenset[TaskKind]] = frozenset({"images"})
    mixed_precision: ClassVar[bool] = True

    implementation: ClassVar[str] = "metagui.engine.models.conv4:build"
    name: Literal["conv4"] = "conv4"
    filters: int = setting(64, title="Filters", help="Channels of each of the four convolutional layers.", ge=1, le=512)
    downsampling: Literal["stride", "pool"] = setting(
        "stride",
        title="Downsampling",
        help="How each block halves the image: by a convolution of stride 2, with the mean over all positions at the "
        "end (the MAML paper on Omniglot), or by max-pooling, with every position handed to the last layer (the same "
        "paper on mini-ImageNet), which takes about four times the arithmetic.",
        labels={"stride": "Stride 2, mean at the end", "pool": "Max-pool, all positions"},
        advanced=True,
    )
    norm_mode: Literal["transductive", "support", "per_step"] = setting(
        "transductive",
        title="Batch norm",
        help="What batch norm normalises by: each batch itself, so that query examples see each other (the MAML "
        "paper); query examples by the support set; or, on held-out tasks, by running statistics of each inner step "
        "(MAML++). Numbers of different modes cannot be compared.",
        labels={
            "transductive": "Transductive (each batch)",
            "support": "Support statistics",
            "per_step": "Per-step running statistics",
        },
        advanced=True,
    )

    def least_parameters(self) -> int:
        return 27 * self.filters * self.filters


BUILT_IN: tuple[type[ModelSection], ...] = (MLPModel, Conv4Model)
