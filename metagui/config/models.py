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


NormMode = Literal["transductive", "support", "per_step"]


def _norm_mode() -> NormMode:
    value: NormMode = setting(
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
    return value


class Conv4Model(ModelSection):
    title: ClassVar[str] = "Conv4"
    summary: ClassVar[str] = "Four convolutions with batch norm, each halving the image; linear head."
    fits: ClassVar[frozenset[TaskKind]] = frozenset({"images"})
    mixed_precision: ClassVar[bool] = True

    implementation: ClassVar[str] = "metagui.engine.models.conv4:build"
    name: Literal["conv4"] = "conv4"
    filters: int = setting(64, title="Filters", help="Channels of each of the four convolutional layers.", ge=1, le=512)
    downsampling: Literal["stride", "stride-flatten", "pool", "pool-mean"] = setting(
        "stride",
        title="Downsampling",
        help="How each block halves the image, and what the last layer is given. Papers call all of these Conv4. A "
        "convolution of stride 2, and the mean over positions: the MAML paper's code on Omniglot. Stride 2 and every "
        "position: what that paper's text is often taken to say. Max-pooling and every position: Matching Networks, "
        "ProtoNet, and MAML on mini-ImageNet; about four times the arithmetic. Max-pooling and the mean: a last layer "
        "that does not grow with the image. Numbers of different forms cannot be compared.",
        labels={
            "stride": "Stride 2, mean of positions",
            "stride-flatten": "Stride 2, every position",
            "pool": "Max-pool, every position",
            "pool-mean": "Max-pool, mean of positions",
        },
        advanced=True,
    )
    norm_mode: NormMode = _norm_mode()

    def least_parameters(self) -> int:
        return 27 * self.filters * self.filters


class ResNet12Model(ModelSection):
    title: ClassVar[str] = "ResNet-12"
    summary: ClassVar[str] = "Four residual blocks of three convolutions: the usual large network on mini-ImageNet."
    fits: ClassVar[frozenset[TaskKind]] = frozenset({"images"})
    mixed_precision: ClassVar[bool] = True

    implementation: ClassVar[str] = "metagui.engine.models.resnet12:build"
    name: Literal["resnet12"] = "resnet12"
    width: int = setting(
        64,
        title="Width",
        help="Channels of the first block; each later one has twice as many. Papers use 64 (64-128-256-512, 8 million "
        "parameters), which needs a GPU; 8 to 16 train on a CPU.",
        ge=1,
        le=256,
    )
    norm_mode: NormMode = _norm_mode()

    def least_parameters(self) -> int:
        return sum(18 * (self.width << block) ** 2 for block in range(4))


BUILT_IN: tuple[type[ModelSection], ...] = (MLPModel, Conv4Model, ResNet12Model)
