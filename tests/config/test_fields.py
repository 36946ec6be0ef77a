"""Every field explains itself: the form, the command line and the reader have nothing else to go by."""

from __future__ import annotations

import types
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import ValidationError

from metagui.config import SECTIONS, ExperimentConfig, FieldDescription, Section, choices, describe
from metagui.config.compute import ComputeConfig


def every_class() -> list[tuple[str, type[Section]]]:
    found: list[tuple[str, type[Section]]] = [("compute", ComputeConfig)]
    for section in SECTIONS:
        if section != "compute":
            found += [(section, cls) for cls in choices(section).values()]
    return found


def every_field() -> list[Any]:
    return [
        pytest.param(cls, field, id=f"{section}.{cls.__name__}.{field.name}")
        for section, cls in every_class()
        for field in describe(cls)
    ]


def is_numeric(annotation: Any) -> bool:
    if get_origin(annotation) in (Union, types.UnionType):
        return any(is_numeric(item) for item in get_args(annotation))
    return annotation in (int, float)


def numeric_fields() -> list[Any]:
    return [param for param in every_field() if is_numeric(param.values[1].annotation)]


@pytest.mark.parametrize(("section", "cls"), every_class())
def test_that_every_choice_has_a_title_and_one_sentence(section: str, cls: type[Section]) -> None:
    assert cls.title
    assert cls.summary.endswith(".")
    assert cls.summary[0].isupper() or cls.summary[0].isdigit()


@pytest.mark.parametrize(("cls", "field"), every_field())
def test_that_every_field_has_a_title_and_a_sentence_of_help(cls: type[Section], field: FieldDescription) -> None:
    assert field.title != field.name
    assert len(field.title) <= 28, "has to fit beside its control"
    assert field.help.endswith(".")
    assert "\n" not in field.help


@pytest.mark.parametrize(("cls", "field"), numeric_fields())
def test_that_every_number_has_a_range_that_holds_its_default(cls: type[Section], field: FieldDescription) -> None:
    assert field.minimum is not None
    assert field.maximum is not None
    assert field.minimum < field.maximum
    assert field.minimum <= field.default <= field.maximum
    if field.logarithmic:
        assert field.maximum / max(field.minimum, 1e-12) >= 100, "one decade needs no logarithmic control"


@pytest.mark.parametrize(("cls", "field"), numeric_fields())
def test_that_numbers_outside_their_range_are_refused(cls: type[Section], field: FieldDescription) -> None:
    assert field.minimum is not None
    assert field.maximum is not None
    for outside in (field.minimum - 1, field.maximum * 2 + 1, float("nan"), float("inf")):
        with pytest.raises(ValidationError):
            cls.model_validate({field.name: outside})
    if field.exclusive_minimum:
        with pytest.raises(ValidationError):
            cls.model_validate({field.name: field.minimum})


@pytest.mark.parametrize(("cls", "field"), every_field())
def test_that_labels_name_only_choices_there_are(cls: type[Section], field: FieldDescription) -> None:
    if field.labels:
        assert get_origin(field.annotation) is Literal
        assert set(field.labels) == set(get_args(field.annotation))


@pytest.mark.parametrize(("section", "cls"), every_class())
def test_that_unknown_fields_are_refused(section: str, cls: type[Section]) -> None:
    with pytest.raises(ValidationError):
        cls.model_validate({"inner_stps": 3})


@pytest.mark.parametrize(("section", "cls"), every_class())
def test_that_configurations_are_frozen(section: str, cls: type[Section]) -> None:
    made = cls()
    for name, value in made.model_dump().items():
        with pytest.raises(ValidationError):
            setattr(made, name, value)


@pytest.mark.parametrize("section", [name for name in SECTIONS if name != "compute"])
def test_that_choices_are_keyed_by_the_name_they_carry(section: str) -> None:
    for name, cls in choices(section).items():
        assert cls.model_validate({}).model_dump()["name"] == name


def test_that_the_papers_symbols_are_there() -> None:
    symbols = {
        field.name: field.symbol
        for _, cls in every_class()
        for field in describe(cls)
        if field.name in ("inner_lr", "outer_lr", "proximal_lambda", "inner_steps", "n_way", "k_shot")
    }
    assert symbols["inner_lr"] == "α"
    assert symbols["outer_lr"] == "β"
    assert symbols["proximal_lambda"] == "λ"
    assert symbols["n_way"] == "N"


def test_that_the_sections_are_those_of_an_experiment() -> None:
    assert set(SECTIONS) == set(ExperimentConfig.model_fields)
