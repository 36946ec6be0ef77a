"""What the adaptation studio asks of the warm worker, and what it is answered."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from metagui.messages import Array, Message

AdaptationKind = Literal["regression", "points", "images"]


class Adaptation(Message, frozen=True):
    """One held-out task before and after every inner step; K + 1 rows along the first axis of each prediction.

    regression: ``grid`` [G], ``truth`` [G] (empty where unknown), ``predictions`` [K+1, G]; ``support_x`` [S],
    ``support_y`` [S], ``query_x`` [Q], ``query_y`` [Q].
    points: ``grid`` [G, 2] row-major over a square of side ``sqrt(G)``, ``predictions`` [K+1, G, n_way]
    probabilities; ``support_x`` [S, 2], ``support_y`` [S] labels; ``query_x`` [Q, 2], ``query_y`` [Q].
    images: ``support_x`` [S, H, W] or [S, H, W, 3] in 0..1, ``query_x`` likewise, labels in ``*_y``;
    ``predictions`` [K+1, Q, n_way] probabilities; ``grid`` and ``truth`` empty.
    All: ``support_loss`` [K+1], ``query_loss`` [K+1], ``query_accuracy`` [K+1] (empty for regression).
    """

    task: int
    kind: AdaptationKind
    title: str
    class_names: tuple[str, ...]
    grid: Array
    truth: Array
    predictions: Array
    support_x: Array
    support_y: Array
    query_x: Array
    query_y: Array
    support_loss: Array
    query_loss: Array
    query_accuracy: Array


class OwnTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task that a person made, in the units that :class:`Adaptation` shows.

    regression: ``*_x`` [n], ``*_y`` [n] float. points: ``*_x`` [n, 2], ``*_y`` [n] int64 labels. images: ``*_x``
    [n, H, W] or [n, H, W, 3] in 0..1, prepared as the family's own pictures are (ink 1 on 0 where these are), labels
    in ``*_y``. Queries may be empty; a query whose label nobody knows has -1 there. ``truth`` [G] and ``grid`` [G] are
    the curve that regression examples come from, empty where there is none.
    """

    kind: AdaptationKind
    title: str
    class_names: tuple[str, ...] = ()
    support_x: Array
    support_y: Array
    query_x: Array
    query_y: Array
    grid: Array
    truth: Array


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a comparison: the weights given, else those of a checkpoint file, else random ones of the seed.

    ``title`` tells it from the others: an algorithm, a run, a checkpoint, a baseline. The inner rate, lambda and steps
    given here win over those of the configuration and of the checkpoint; None leaves them.
    """

    title: str
    config: dict[str, Any]
    step: int = 0
    weights: dict[str, Array] = msgspec.field(default_factory=dict)
    checkpoint: str = ""
    inner_lr: float | None = None
    proximal_lambda: float | None = None


class Study(Message, frozen=True, kw_only=True):
    """Adapt each network to the very same tasks: ``own`` where given, else ``tasks`` of the fixed test stream of the
    first network's family. A later Study of the same ``channel`` supersedes an unanswered one."""

    request: int
    data_dir: str
    networks: tuple[Network, ...]
    tasks: tuple[int, ...] = (0,)
    own: OwnTask | None = None
    inner_steps: int | None = None
    task_seed: int = 0
    channel: str = ""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """What one network made of the tasks. Where it could not, ``problem`` says why and the rest is empty; ``note`` says
    what a person should know of the numbers, in sentences.

    ``layers`` names the model's layers from input to head; ``movement`` float32 [K+1, L] is how far each has moved,
    ‖phi_k - theta‖ / ‖theta‖ of the layer, mean over tasks; NaN where a layer that was zero has moved, as the head
    of a prototypical or a jointly pretrained network may. ``data_pull`` and ``prior_pull`` [K+1]: norms of
    the support loss's gradient and of lambda (phi_k - theta), mean over tasks; empty where the inner problem is not
    proximal.
    """

    title: str
    step: int
    inner_lr: float | None
    proximal_lambda: float | None
    tasks: tuple[Adaptation, ...]
    layers: tuple[str, ...]
    movement: Array
    data_pull: Array
    prior_pull: Array
    problem: str = ""
    note: str = ""


class Studied(Message, frozen=True, kw_only=True):
    """Answer to :class:`Study`, a column a network, in their order."""

    request: int
    channel: str
    columns: tuple[Column, ...]


class LookInside(Message, frozen=True, kw_only=True):
    """What adaptation does inside one network, on ``own`` or on tasks of the fixed stream (the first is looked into,
    all have their trajectories drawn). A later one supersedes an unanswered one."""

    request: int
    data_dir: str
    network: Network
    tasks: tuple[int, ...] = (0, 1, 2)
    own: OwnTask | None = None
    inner_steps: int | None = None
    task_seed: int = 0
    resolution: int = 21


class Inside(Message, frozen=True, kw_only=True):
    """Answer to :class:`LookInside`; the first task's, unless said otherwise.

    ``support_features`` [2, S, 2] and ``query_features`` [2, Q, 2]: features that reach the last layer, before and
    after adaptation, on the two principal axes of both together; ``explained`` [2] their shares of the variance.
    ``labels`` of support and query, int64, or the targets of regression.
    ``slice_loss`` [G, G]: support loss on a plane through theta, rows along the second axis; ``slice_axes`` [2, G] the
    coordinates, in units of parameter distance, both with 0 (theta) among them; G is the resolution asked for, or less
    where the network is large. ``trajectories`` [T, K+1, 2] each task's path projected into it; ``slice_captured`` the
    share of the first path's length that lies in the plane. ``path_loss`` [K+1] support loss along the path.
    ``layers``, ``change`` [L] relative change ‖phi_K - theta‖ / ‖theta‖ and ``similarity`` [L] linear CKA of each
    layer's outputs on the query set before and after, mean over tasks: 1 is unchanged.
    """

    request: int
    step: int
    support_features: Array
    query_features: Array
    explained: Array
    support_labels: Array
    query_labels: Array
    slice_loss: Array
    slice_axes: Array
    trajectories: Array
    slice_captured: float
    path_loss: Array
    layers: tuple[str, ...]
    change: Array
    similarity: Array
