"""Task families: where episodes come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import model_validator

from metagui.config.fields import Section, setting

TaskKind = Literal["regression", "points", "images"]


class TaskSection(Section):
    """Base of every task family, built-in or plug-in; ``implementation`` is called with (this configuration, the
    folder of installed data sets)."""

    kind: ClassVar[TaskKind]

    if TYPE_CHECKING:

        @property
        def name(self) -> str: ...

        @property
        def k_shot(self) -> int: ...

        @property
        def n_query(self) -> int: ...


def _k_shot(default: int, help: str) -> int:
    value: int = setting(default, title="Shots", symbol="K", help=help, ge=1, le=100)
    return value


def _n_query(default: int) -> int:
    value: int = setting(
        default,
        title="Queries",
        symbol="Q",
        help="Query examples a class (regression: a task) that judge the adapted network.",
        ge=1,
        le=100,
    )
    return value


def _n_way(default: int, maximum: int = 100) -> int:
    value: int = setting(default, title="Ways", symbol="N", help="Classes told apart in one task.", ge=2, le=maximum)
    return value


class SinusoidTasks(TaskSection):
    title: ClassVar[str] = "Sinusoid"
    summary: ClassVar[str] = "Regress a sine wave of unknown amplitude and phase from a few points."
    implementation: ClassVar[str] = "metagui.engine.tasks.sinusoid:Sinusoid"
    kind: ClassVar[TaskKind] = "regression"

    name: Literal["sinusoid"] = "sinusoid"
    k_shot: int = _k_shot(10, "Support points a task, the ones the network adapts on.")
    n_query: int = _n_query(10)
    amplitude_min: float = setting(
        0.1,
        title="Smallest amplitude",
        symbol="A₋",
        help="Lower end of the amplitudes drawn.",
        gt=0,
        le=100,
        advanced=True,
    )
    amplitude_max: float = setting(
        5.0,
        title="Largest amplitude",
        symbol="A₊",
        help="Upper end of the amplitudes drawn.",
        gt=0,
        le=100,
        advanced=True,
    )
    phase_max: float = setting(
        3.141592653589793,
        title="Largest phase",
        symbol="φ₊",
        unit="rad",
        help="Phases are drawn between 0 and this.",
        ge=0,
        le=6.283185307179586,
        advanced=True,
    )
    noise: float = setting(
        0.0, title="Noise", symbol="σ", help="Standard deviation of noise on the support targets.", ge=0, le=10
    )

    @model_validator(mode="after")
    def _amplitudes_in_order(self) -> SinusoidTasks:
        if self.amplitude_min > self.amplitude_max:
            raise ValueError(
                f"amplitude_min: must be at most amplitude_max ({self.amplitude_max:g}), not {self.amplitude_min:g}"
            )
        return self


class PointTasks(TaskSection):
    title: ClassVar[str] = "Points"
    summary: ClassVar[str] = "Tell apart clouds of points in the plane; the decision boundary is visible."
    implementation: ClassVar[str] = "metagui.engine.tasks.points:Points"
    kind: ClassVar[TaskKind] = "points"

    name: Literal["points"] = "points"
    n_way: int = _n_way(3, maximum=8)
    k_shot: int = _k_shot(5, "Support points a class, the ones the network adapts on.")
    n_query: int = _n_query(15)
    clusters: int = setting(
        2,
        title="Clusters",
        help="Clouds a class; with more than one the boundary is no longer a line.",
        ge=1,
        le=4,
    )
    spread: float = setting(
        0.18, title="Spread", symbol="σ", help="Standard deviation of a cloud; the square is 2 wide.", gt=0, le=1
    )


class GlyphTasks(TaskSection):
    title: ClassVar[str] = "Glyphs"
    summary: ClassVar[str] = "Invented characters: random stroke programs, drawn anew with a jittery hand."
    implementation: ClassVar[str] = "metagui.engine.tasks.glyphs:Glyphs"
    kind: ClassVar[TaskKind] = "images"

    name: Literal["glyphs"] = "glyphs"
    n_way: int = _n_way(5)
    k_shot: int = _k_shot(1, "Support drawings a class, the ones the network adapts on.")
    n_query: int = _n_query(5)
    jitter: float = setting(
        1.0, title="Jitter", help="How unsteady the hand is that draws; 1 is about human.", ge=0, le=3
    )


class OmniglotTasks(TaskSection):
    title: ClassVar[str] = "Omniglot"
    summary: ClassVar[str] = "1,623 handwritten characters of 50 alphabets, 20 drawings each."
    implementation: ClassVar[str] = "metagui.engine.tasks.omniglot:Omniglot"
    kind: ClassVar[TaskKind] = "images"
    examples_per_class: ClassVar[int] = 20

    name: Literal["omniglot"] = "omniglot"
    n_way: int = _n_way(5)
    k_shot: int = setting(
        1,
        title="Shots",
        symbol="K",
        help="Support drawings a class, the ones the network adapts on.",
        ge=1,
        le=19,
    )
    n_query: int = setting(
        5, title="Queries", symbol="Q", help="Query drawings a class that judge the adapted network.", ge=1, le=19
    )
    split: Literal["vinyals", "lake"] = setting(
        "vinyals",
        title="Split",
        help="Which characters are held out: 423 at random (Vinyals) or 20 whole alphabets (Lake).",
        labels={"vinyals": "Vinyals (1028/172/423)", "lake": "Lake (alphabets)"},
    )
    rotations: bool = setting(
        True,
        title="Rotations",
        help="Count each training character turned by 90, 180 and 270 degrees as three more classes.",
    )
    within: Literal["split", "alphabet"] = setting(
        "split",
        title="Drawn from",
        help="The characters of a task: any of the split, mostly of different alphabets, as in most papers; or those "
        "of one alphabet, which look more alike and are harder to tell apart, as in Lake's one-shot runs. Alphabets "
        "with fewer characters than ways are then left out, and with rotations the whole alphabet is turned.",
        labels={"split": "Any alphabet", "alphabet": "One alphabet"},
    )

    @model_validator(mode="after")
    def _enough_drawings(self) -> OmniglotTasks:
        if self.k_shot + self.n_query > self.examples_per_class:
            raise ValueError(
                f"k_shot: shots and queries together are {self.k_shot + self.n_query}, but a character has only "
                f"{self.examples_per_class} drawings"
            )
        return self


def _dataset() -> str:
    value: str = setting(
        "",
        title="Data set",
        help="Name of an installed data set; metagui data add NAME --from PATH installs one.",
        pattern=r"^[A-Za-z0-9_-]{0,64}$",
    )
    return value


class ImageTasks(TaskSection):
    title: ClassVar[str] = "Own pictures"
    summary: ClassVar[str] = "Tell apart classes of pictures from a folder, zip or numpy archive of yours."
    kind: ClassVar[TaskKind] = "images"
    implementation: ClassVar[str] = "metagui.engine.tasks.image_sets:ImageSet"

    name: Literal["images"] = "images"
    dataset: str = _dataset()
    n_way: int = _n_way(5)
    k_shot: int = _k_shot(1, "Support pictures a class, the ones the network adapts on.")
    n_query: int = _n_query(5)


class CurveTasks(TaskSection):
    title: ClassVar[str] = "Own curves"
    summary: ClassVar[str] = "Regress curves of a table of yours (task, x, y) from a few points each."
    kind: ClassVar[TaskKind] = "regression"
    implementation: ClassVar[str] = "metagui.engine.tasks.curves:Curves"

    name: Literal["curves"] = "curves"
    dataset: str = _dataset()
    k_shot: int = _k_shot(5, "Support points a task, the ones the network adapts on.")
    n_query: int = _n_query(5)


BUILT_IN: tuple[type[TaskSection], ...] = (SinusoidTasks, PointTasks, GlyphTasks, OmniglotTasks, ImageTasks, CurveTasks)
