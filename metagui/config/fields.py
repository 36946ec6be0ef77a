"""What every part of an experiment has in common: frozen models whose fields explain themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo


class Section(BaseModel):
    """A frozen group of fields; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    title: ClassVar[str] = ""
    """What a person calls this choice, e.g. ``iMAML``."""

    summary: ClassVar[str] = ""
    """One sentence on what it does."""

    implementation: ClassVar[str] = ""
    """Where the engine finds the code, ``package.module:callable``; text, so that no window has to import it."""


def setting(
    default: Any,
    *,
    title: str,
    help: str,
    symbol: str = "",
    unit: str = "",
    logarithmic: bool = False,
    advanced: bool = False,
    labels: dict[str, str] | None = None,
    when: Mapping[str, Collection[Any]] | None = None,
    **limits: Any,
) -> Any:
    """A field with all that a form, a command line and a reader need to know of it.

    ``symbol`` is the papers' letter, ``logarithmic`` says that sensible values span decades, ``labels`` names the
    choices of a Literal; ``when`` says for which values of other fields of the section the field has a meaning, all
    of which have to hold; ``limits`` are pydantic's (ge, gt, le, lt, min_length, ...).
    """
    extra: dict[str, Any] = {"symbol": symbol, "unit": unit, "logarithmic": logarithmic, "advanced": advanced}
    if labels:
        extra["labels"] = labels
    if when:
        extra["when"] = {name: list(values) for name, values in when.items()}
    return Field(default, title=title, description=help, json_schema_extra=extra, **limits)


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """One field as a form or ``--help`` shows it."""

    name: str
    title: str
    help: str
    symbol: str
    unit: str
    logarithmic: bool
    advanced: bool
    labels: dict[str, str]
    annotation: Any
    default: Any
    minimum: float | None
    maximum: float | None
    exclusive_minimum: bool
    exclusive_maximum: bool
    when: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def applies(self, values: Mapping[str, Any]) -> bool:
        """Whether the field has a meaning beside these values of its section."""
        return all(values.get(name) in allowed for name, allowed in self.when.items())


def describe(section: type[Section]) -> list[FieldDescription]:
    """The fields of a section in the order they are declared, without its discriminator ``name``."""
    return [_describe(name, info) for name, info in section.model_fields.items() if name != "name"]


def _describe(name: str, info: FieldInfo) -> FieldDescription:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    limits: dict[str, float] = {}
    for constraint in info.metadata:
        for bound in ("ge", "gt", "le", "lt"):
            value = getattr(constraint, bound, None)
            if value is not None:
                limits[bound] = value
    labels, when = extra.get("labels", {}), extra.get("when", {})
    return FieldDescription(
        name=name,
        title=info.title or name,
        help=info.description or "",
        symbol=str(extra.get("symbol", "")),
        unit=str(extra.get("unit", "")),
        logarithmic=bool(extra.get("logarithmic", False)),
        advanced=bool(extra.get("advanced", False)),
        labels={str(key): str(text) for key, text in labels.items()} if isinstance(labels, dict) else {},
        annotation=info.annotation,
        default=info.get_default(call_default_factory=True),
        minimum=limits.get("ge", limits.get("gt")),
        maximum=limits.get("le", limits.get("lt")),
        exclusive_minimum="gt" in limits,
        exclusive_maximum="lt" in limits,
        when={str(key): tuple(values) for key, values in when.items() if isinstance(values, list)}
        if isinstance(when, dict)
        else {},
    )
