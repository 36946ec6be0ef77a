from metagui.config import DEFAULT_PRESET, load_preset, load_presets
from metagui.gui.form.draft import Draft


def make_draft() -> Draft:
    return Draft(load_presets())


def test_that_a_draft_begins_as_its_first_preset() -> None:
    draft = make_draft()
    assert draft.config() == load_presets()[0].config
    assert draft.changed_paths() == []


def test_that_a_value_out_of_range_is_kept_and_reported_at_its_path() -> None:
    draft = make_draft()
    draft.set_value("algorithm", "inner_steps", 0)
    assert draft.value("algorithm", "inner_steps") == 0
    assert draft.config() is None
    assert [problem.path for problem in draft.problems()] == ["algorithm.inner_steps"]


def test_that_a_text_where_a_number_belongs_is_answered_with_an_example() -> None:
    draft = make_draft()
    draft.load(load_preset(DEFAULT_PRESET).config)
    draft.set_value("outer", "steps", "many")
    draft.set_value("algorithm", "inner_lr", "")
    draft.set_value("model", "hidden", "40,x")
    messages = {problem.path: problem.message for problem in draft.problems()}
    assert "whole number such as 10000; not 'many'" in messages["outer.steps"]
    assert "it is empty" in messages["algorithm.inner_lr"]
    assert "40, 40" in messages["model.hidden"]


def test_that_a_wrong_layer_is_reported_at_the_field_and_not_at_its_element() -> None:
    draft = make_draft()
    draft.load(load_preset(DEFAULT_PRESET).config)
    draft.set_value("model", "hidden", [40, 0])
    assert [problem.path for problem in draft.problems()] == ["model.hidden"]


def test_that_another_class_keeps_what_both_have_and_the_person_changed() -> None:
    draft = make_draft()
    draft.load(load_preset("sinusoid-maml").config)
    draft.set_value("algorithm", "inner_lr", 0.123)
    draft.choose("algorithm", "imaml")
    assert draft.value("algorithm", "inner_lr") == 0.123
    assert draft.value("algorithm", "proximal_lambda") == 2.0
    assert "algorithm.name" in draft.changed_paths()
    assert "algorithm.proximal_lambda" not in draft.changed_paths()


def test_that_a_loaded_experiment_is_compared_with_the_preset_it_resembles_most() -> None:
    draft = make_draft()
    config = load_preset("omniglot-maml-5w1s").config
    changed = config.model_copy(update={"compute": config.compute.model_copy(update={"seed": 7})})
    draft.load(changed)
    assert draft.preset.name == "omniglot-maml-5w1s"
    assert draft.changed_paths() == ["compute.seed"]


def test_that_changing_the_copy_of_the_content_changes_nothing() -> None:
    draft = make_draft()
    draft.content()["compute"]["seed"] = 99
    assert draft.value("compute", "seed") == 0


def test_that_another_algorithm_has_the_preset_offered_that_was_made_for_it() -> None:
    draft = make_draft()
    draft.load_preset("sinusoid-maml")
    assert draft.made_for_it() is None
    draft.choose("algorithm", "imaml")
    offered = draft.made_for_it()
    assert offered is not None
    assert offered.name == "sinusoid-imaml"
    draft.load_preset(offered.name)
    assert draft.made_for_it() is None
    draft.choose("algorithm", "boil")
    assert draft.made_for_it() is None, "no preset is for BOIL on sinusoids"
