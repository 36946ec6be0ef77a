"""The family over a stamped stand-in (every picture says which it is), and over the real data where it lies."""

import hashlib
from collections import Counter

import numpy as np
import pytest
import torch

from metagui.config import apply_overrides, load_preset
from metagui.config.tasks import OmniglotTasks
from metagui.control import Control
from metagui.datasets.omniglot_install import install_omniglot
from metagui.datasets.omniglot_names import (
    PARTS,
    TASK_SPLITS,
    alphabet_of,
    characters,
    characters_of,
    split_characters,
    spoken,
)
from metagui.engine.seeding import generator
from metagui.engine.tasks import build_family
from metagui.engine.trainer import run
from metagui.errors import DataError, InvalidValueError
from metagui.events import LogLine
from metagui.resources import resource
from metagui.workspace import Workspace


def stamps(images):
    """Class numbers and drawings that stamped upright pictures [..., 1, 28, 28] claim."""
    first = (images[..., 0, 0, :3] * 255).round().long()
    return first[..., 0] + 256 * first[..., 1], first[..., 2]


@pytest.fixture
def family(stamped_omniglot):
    def build(**settings):
        return build_family(OmniglotTasks(**settings), stamped_omniglot)

    return build


def test_that_shapes_are_right_and_labels_balanced(family):
    built = family(n_way=4, k_shot=2, n_query=3)
    batch = built.sample(3, generator(0, "train"))
    assert batch.support.inputs.shape == (3, 8, 1, 28, 28)
    assert batch.query.inputs.shape == (3, 12, 1, 28, 28)
    assert batch.support.inputs.dtype == torch.float32
    assert batch.query.targets.dtype == torch.int64
    assert batch.support.targets.tolist() == [[0, 0, 1, 1, 2, 2, 3, 3]] * 3
    assert batch.query.targets.tolist() == [[0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]] * 3
    assert (built.kind, built.input_shape, built.output_size) == ("images", (1, 28, 28), 4)


def test_that_pictures_are_those_the_identity_names(family):
    batch = family(rotations=False, k_shot=2, n_query=3).sample(8, generator(0, "train"))
    classes, drawings = batch.identity["classes"], batch.identity["drawings"]
    seen, drawn = stamps(batch.support.inputs.view(8, 5, 2, 1, 28, 28))
    assert torch.equal(seen, classes.unsqueeze(-1).expand(8, 5, 2))
    assert torch.equal(drawn, drawings[..., :2])
    seen, drawn = stamps(batch.query.inputs.view(8, 5, 3, 1, 28, 28))
    assert torch.equal(seen, classes.unsqueeze(-1).expand(8, 5, 3))
    assert torch.equal(drawn, drawings[..., 2:])


def test_that_support_and_query_never_share_a_drawing(family):
    drawings = family(k_shot=10, n_query=10).sample(20, generator(0, "train")).identity["drawings"]
    assert torch.equal(drawings.sort(-1).values, torch.arange(20).expand_as(drawings))


def test_that_training_characters_are_turned_and_held_out_ones_are_not(family):
    built = family(rotations=True)
    batch = built.sample(40, generator(0, "train"))
    quarters = batch.identity["quarters"]
    assert torch.bincount(quarters.flatten(), minlength=4).min() > 20
    for task in range(5):
        for way in range(5):
            upright = torch.rot90(batch.support.inputs[task, way, 0], -int(quarters[task, way]))
            assert stamps(upright[None, None])[0].item() == batch.identity["classes"][task, way]
    for split in ("validation", "test"):
        assert (built.sample(40, generator(0, split), split).identity["quarters"] == 0).all()
    assert (family(rotations=False).sample(40, generator(0, "train")).identity["quarters"] == 0).all()


def test_that_the_classes_of_a_task_differ(family):
    identity = family(n_way=100, k_shot=1, n_query=1).sample(20, generator(0, "train")).identity
    for turned in (4 * identity["classes"] + identity["quarters"]).tolist():
        assert len(set(turned)) == 100


@pytest.mark.parametrize("name", ["vinyals", "lake"])
def test_that_each_split_draws_from_its_own_characters_and_reaches_all(family, name):
    built = family(split=name, n_way=20, n_query=1)
    for split in TASK_SPLITS:
        drawn = built.sample(400, generator(0, split), split).identity["classes"].unique().tolist()
        assert {characters()[number] for number in drawn} == set(split_characters(name, split))


def test_that_the_generator_alone_decides_the_draw(family):
    built = family()
    first, again, other = (built.sample(3, generator(0, "train", index)) for index in (0, 0, 1))
    assert torch.equal(first.support.inputs, again.support.inputs)
    assert torch.equal(first.query.inputs, again.query.inputs)
    assert not torch.equal(first.identity["classes"], other.identity["classes"])


def test_that_the_portrait_names_alphabets(family):
    built = family()
    batch = built.sample(30, generator(0, "train"))
    portrait = built.portrait(batch, 4)
    assert portrait.title == "5 characters of Omniglot"
    for label, name in enumerate(portrait.class_names):
        expected = spoken(characters()[batch.identity["classes"][4, label]])
        quarter = batch.identity["quarters"][4, label].item()
        assert name == (f"{expected}, turned {90 * quarter}°" if quarter else expected)
    assert spoken("background/Early_Aramaic/character03") == "Early Aramaic 3"


# --- tasks of one alphabet ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", TASK_SPLITS)
def test_that_a_task_may_be_drawn_from_one_alphabet(family, split):
    identity = (
        family(split="lake", n_way=20, n_query=1, within="alphabet").sample(60, generator(0, split), split).identity
    )
    alphabets = [{alphabet_of(characters()[number]) for number in task} for task in identity["classes"].tolist()]
    assert all(len(names) == 1 for names in alphabets)
    assert all(len(set(task)) == 20 for task in identity["classes"].tolist())
    assert len(set.union(*alphabets)) > 3
    turned = identity["quarters"].unique(dim=1)
    assert turned.shape[1] == 1 or (identity["quarters"] == identity["quarters"][:, :1]).all(), "one turn for all"
    assert len(identity["quarters"].unique()) == (4 if split == "train" else 1)


def test_that_every_large_enough_alphabet_is_drawn_and_small_ones_are_named(family):
    built = family(split="lake", n_way=20, n_query=1, within="alphabet")
    classes = built.sample(1000, generator(1, "train")).identity["classes"][:, 0].tolist()
    sizes = Counter(alphabet_of(name) for name in split_characters("lake", "train"))
    assert {alphabet_of(characters()[number]) for number in classes} == {n for n, size in sizes.items() if size >= 20}
    small = {name for name, size in sizes.items() if size < 20}
    assert small == {
        "Blackfoot (Canadian Aboriginal Syllabics)",
        "Ojibwe (Canadian Aboriginal Syllabics)",
        "Tagalog",
        "Inuktitut (Canadian Aboriginal Syllabics)",
    }
    (notice,) = built.notices
    assert "train tasks" in notice
    assert all(f"{name} ({sizes[name]})" in notice for name in small)


def test_that_every_character_of_an_alphabet_is_reached(family):
    built = family(split="lake", n_way=5, n_query=1, within="alphabet")
    drawn = built.sample(800, generator(0, "validation"), "validation").identity["classes"].unique().tolist()
    assert {characters()[number] for number in drawn} == set(split_characters("lake", "validation"))
    assert built.notices == []


def test_that_too_many_ways_for_any_alphabet_are_refused_with_the_largest(family):
    with pytest.raises(InvalidValueError, match=r"no alphabet.*validation.*has 50.*Bengali, has 46.*task\.within"):
        family(split="lake", n_way=50, n_query=1, within="alphabet")


def test_that_a_task_of_one_alphabet_is_called_by_it(family):
    built = family(split="lake", within="alphabet")
    portrait = built.portrait(built.sample(1, generator(0, "test"), "test"), 0)
    alphabet = portrait.title.removeprefix("5 characters of ")
    assert all(name.startswith(alphabet) for name in portrait.class_names)


# --- the splits ---------------------------------------------------------------------------------------------------


def test_that_there_are_1623_characters_in_two_parts():
    assert len(characters()) == len(set(characters())) == 1623
    assert [len(characters_of(part)) for part in PARTS] == [964, 659]
    assert characters_of("background") + characters_of("evaluation") == characters()
    assert len({name.rpartition("/")[0] for name in characters()}) == 50


@pytest.mark.parametrize(("name", "sizes"), [("vinyals", [1028, 172, 423]), ("lake", [829, 135, 659])])
def test_that_splits_do_not_leak_and_leave_nothing_out(name, sizes):
    sides = [split_characters(name, split) for split in TASK_SPLITS]
    assert [len(side) for side in sides] == sizes
    assert sorted(sum(sides, ())) == list(characters())  # disjoint, for the sizes add up


def test_that_the_lake_split_trains_on_background_and_tests_on_evaluation():
    assert split_characters("lake", "test") == characters_of("evaluation")
    assert set(split_characters("lake", "train") + split_characters("lake", "validation")) == set(
        characters_of("background")
    )


def test_that_the_splits_are_pinned():
    """Numbers reported on one split may be compared for ever: these lists must not change."""
    digest = hashlib.sha256()
    for name in ("vinyals", "lake"):
        for split in TASK_SPLITS:
            digest.update(resource("splits", f"omniglot-{name}", f"{split}.txt").read_text("utf-8").encode())
    assert digest.hexdigest() == "5e2e20386651a8aa1087ab9ba22175ea3cc040fd5375a8fff959a9301903e9dd"


# --- what can be wrong --------------------------------------------------------------------------------------------


def test_that_a_missing_data_set_names_the_command_that_adds_it(tmp_path):
    with pytest.raises(DataError, match=r"not installed.*metagui data add omniglot.*--from"):
        build_family(OmniglotTasks(), tmp_path / "nowhere")


def test_that_vinyals_needs_both_parts(tmp_path, install_stamped):
    install_stamped(tmp_path, "background")
    with pytest.raises(DataError, match=r"task\.split: the vinyals split.*evaluation part.*images_evaluation\.zip"):
        build_family(OmniglotTasks(), tmp_path)


def test_that_lake_trains_on_background_alone_and_says_what_testing_lacks(tmp_path, install_stamped):
    install_stamped(tmp_path, "background")
    built = build_family(OmniglotTasks(split="lake"), tmp_path)
    batch = built.sample(2, generator(0, "train"))
    assert (batch.identity["classes"] < 964).all()
    assert len(built.sample(2, generator(0, "validation"), "validation")) == 2
    with pytest.raises(DataError, match=r"test characters need the evaluation part"):
        built.sample(2, generator(0, "test"), "test")


def test_that_lake_cannot_train_on_the_evaluation_part(tmp_path, install_stamped):
    install_stamped(tmp_path, "evaluation")
    with pytest.raises(DataError, match=r"train characters need the background part.*images_background\.zip"):
        build_family(OmniglotTasks(split="lake"), tmp_path)


def test_that_more_ways_than_classes_are_refused(stamped_omniglot):
    # The configuration stops at 100 ways, below every split; a smaller data set would not be so lucky.
    with pytest.raises(InvalidValueError, match=r"task\.n_way: 173 ways.*172 classes.*validation") as caught:
        build_family(OmniglotTasks.model_construct(**OmniglotTasks().model_dump() | {"n_way": 173}), stamped_omniglot)
    assert caught.value.field == "task.n_way"


def test_that_a_damaged_installation_names_the_file_and_the_remedy(tmp_path, install_stamped):
    install_stamped(tmp_path, "background")
    install_stamped(tmp_path, "evaluation")
    pixels = tmp_path / "omniglot" / "evaluation.npy"
    pixels.write_bytes(pixels.read_bytes()[:100_000])
    with pytest.raises(DataError, match=r"evaluation\.npy is damaged.*metagui data add omniglot"):
        build_family(OmniglotTasks(), tmp_path)
    pixels.unlink()
    with pytest.raises(DataError, match=r"evaluation\.npy is damaged"):
        build_family(OmniglotTasks(), tmp_path)
    (tmp_path / "omniglot" / "background.json").write_text('{"dataset": 3}')
    with pytest.raises(DataError, match=r"background\.json is damaged.*metagui data add omniglot"):
        build_family(OmniglotTasks(), tmp_path)


def test_that_a_pickle_in_disguise_is_not_run(tmp_path, install_stamped):
    install_stamped(tmp_path, "background")
    with (tmp_path / "omniglot" / "background.npy").open("wb") as file:
        np.save(file, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match=r"background\.npy is damaged"):
        build_family(OmniglotTasks(split="lake"), tmp_path)


# --- the real thing -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_that_pixels_reach_the_known_baseline_on_the_real_data(real_data, tmp_path):
    source = real_data / "omniglot"
    if not (source / "images_evaluation.zip").is_file():
        pytest.skip("needs omniglot/images_background.zip and images_evaluation.zip among the real data")
    install_omniglot(source, tmp_path, lambda done, total: None)
    built = build_family(OmniglotTasks(n_query=15), tmp_path)
    batch = built.sample(600, generator(0, "test"), "test")
    distances = torch.cdist(batch.query.inputs.flatten(2), batch.support.inputs.flatten(2))
    accuracy = (distances.argmin(-1) == batch.query.targets).float().mean().item()
    assert accuracy == pytest.approx(0.43, abs=0.02)  # known from independent code: 43.0 ± 0.7 %
    ink = batch.support.inputs.mean().item()
    assert 0.05 < ink < 0.12  # ink is 1, paper 0


def test_that_a_run_says_which_alphabets_it_leaves_out(stamped_omniglot, tmp_path):
    quick = ["model.name=mlp", "model.hidden=[4]", "outer.steps=1", "outer.validation_tasks=2", "compute.device=cpu"]
    config = apply_overrides(load_preset("omniglot-protonet-20w1s-lake").config, quick)
    events = []
    # The folder of data sets lies below the data folder under a fixed name.
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datasets").symlink_to(stamped_omniglot)
    ended = run(config, Workspace(tmp_path / "run", tmp_path / "data", None), Control(), events.append)
    assert ended.status == "finished", ended.reason
    told = [event.message for event in events if isinstance(event, LogLine) and event.level == "info"]
    assert any("Tagalog (17)" in message for message in told)
