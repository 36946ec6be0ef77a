"""Networks side by side: each column is what that network would do alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from metagui.config import parse
from metagui.engine.adaptation import adapt
from metagui.engine.checkpoint import Checkpoint, write_checkpoint
from metagui.engine.learner import MetaLearner
from metagui.engine.studio import study
from metagui.errors import MetaguiError
from metagui.events import Adapt, Array, decode_event, encode
from metagui.studio import Network, Study


def _saved(network: Network, path: Path, step: int = 7, **changes) -> str:
    """A checkpoint with weights that no seed gives, and with other rates than the configuration's."""
    learner = MetaLearner(parse(network.config))
    weights = {name: value + 0.01 for name, value in learner.parameters.items()}
    config = network.config | {"algorithm": network.config["algorithm"] | changes}
    write_checkpoint(path, Checkpoint(step=step, config=config, weights=weights, optimizer={}))
    return str(path)


def _adapted(network: Network, tasks=(0,), **fields):
    request = Adapt(request=1, config=network.config, data_dir="", step=0, tasks=tasks, **fields)
    return adapt(request, lambda: False).tasks


@pytest.mark.parametrize("preset", ["sinusoid-maml", "points-maml", "sinusoid-imaml", "sinusoid-joint"])
def test_that_a_column_is_what_adapt_shows(preset, network, studied) -> None:
    (column,) = studied(network(preset), tasks=(0, 4))
    assert column.problem == ""
    assert column.tasks == _adapted(network(preset), (0, 4))
    assert column.movement.shape == (4, len(column.layers))


def test_that_every_network_gets_the_tasks_of_the_first(network, studied, tmp_path) -> None:
    first, other = network("sinusoid-maml"), network("sinusoid-reptile")
    trained = network("sinusoid-maml", title="trained", step=7, checkpoint=_saved(first, tmp_path / "a.safetensors"))
    columns = studied(first, other, trained, tasks=(3,))
    assert [column.title for column in columns] == ["sinusoid-maml", "sinusoid-reptile", "trained"]
    assert len({column.tasks[0].support_y.data for column in columns}) == 1
    assert len({column.tasks[0].predictions.data for column in columns}) == 3
    assert columns[2].step == 7
    assert columns[2].tasks == _adapted(first, (3,), checkpoint=trained.checkpoint)


def test_that_what_is_wrong_with_one_network_is_said_in_its_column_alone(network, studied, tmp_path) -> None:
    good = network("sinusoid-maml")
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"not a checkpoint")
    foreign = {"nonsense": Array.of(np.zeros(3, np.float32))}
    columns = studied(
        good,
        network("sinusoid-maml", checkpoint=str(tmp_path / "nowhere.safetensors")),
        network("sinusoid-maml", checkpoint=str(broken)),
        network("sinusoid-maml", weights=foreign),
        network("points-maml"),
        network("sinusoid-imaml", proximal_lambda=1e5),
        Network(title="none", config={"algorithm": {"name": "mamml"}}),
        good,
    )
    for column, words in zip(
        columns,
        ["", "no such checkpoint", "damaged", "another network", "points in the plane", "diverges", "mamml", ""],
        strict=True,
    ):
        assert words in column.problem
        assert bool(column.tasks) == (words == "")
        assert not column.problem or column.problem[-1] in ".?"
    assert columns[0] == columns[-1]
    assert decode_event(encode(study(_study(good), lambda: False))).columns[0].layers == columns[0].layers


def test_that_a_first_network_that_is_broken_leaves_the_others_their_tasks(network, studied) -> None:
    broken = Network(title="none", config={"task": {"name": "nothing"}})
    columns = studied(broken, network("sinusoid-maml"), tasks=(2,))
    assert columns[0].problem
    assert columns[1].tasks == _adapted(network("sinusoid-maml"), (2,))
    with pytest.raises(MetaguiError, match="nothing"):
        study(_study(broken), lambda: False)
    with pytest.raises(MetaguiError, match="at least one network"):
        study(_study(), lambda: False)
    with pytest.raises(MetaguiError, match="at least one task"):
        study(_study(network("sinusoid-maml"), tasks=()), lambda: False)


def test_that_rates_given_win_over_configuration_and_checkpoint(network, studied, tmp_path) -> None:
    plain = network("sinusoid-imaml", "algorithm.inner_lr=0.005", "algorithm.proximal_lambda=2.0")
    path = _saved(plain, tmp_path / "a.safetensors", inner_lr=0.02, proximal_lambda=4.0)
    at_the_time = network("sinusoid-imaml", "algorithm.inner_lr=0.02", "algorithm.proximal_lambda=4.0")
    wanted = network("sinusoid-imaml", "algorithm.inner_lr=0.03", "algorithm.proximal_lambda=0.5")
    loaded, given = studied(
        Network(title="", config=plain.config, checkpoint=path),
        Network(title="", config=plain.config, checkpoint=path, inner_lr=0.03, proximal_lambda=0.5),
        inner_steps=5,
    )
    assert (loaded.inner_lr, loaded.proximal_lambda) == (0.02, 4.0)
    assert (given.inner_lr, given.proximal_lambda) == (0.03, 0.5)
    weights = MetaLearner(parse(plain.config)).parameters
    same = {name: Array.of((value + 0.01).detach().numpy()) for name, value in weights.items()}
    assert loaded.tasks == _adapted(at_the_time, weights=same, inner_steps=5)
    assert given.tasks == _adapted(wanted, weights=same, inner_steps=5)
    assert given.tasks[0].predictions.shape[0] == 6
    (again,) = studied(Network(title="", config=plain.config, checkpoint=path), inner_steps=5)
    assert again == loaded  # nothing given stays behind


def test_that_algorithms_without_a_rate_say_so_and_go_on(network, studied) -> None:
    columns = studied(network("sinusoid-meta-sgd", inner_lr=0.5), network("sinusoid-meta-sgd"))
    assert [column.inner_lr for column in columns] == [None, None]
    assert columns[0].tasks == columns[1].tasks


def test_that_a_lambda_that_was_learned_gives_way(network, studied) -> None:
    learned = network("sinusoid-imaml", "algorithm.learn_lambda=true")
    loose, tight = studied(
        Network(title="", config=learned.config),
        Network(title="", config=learned.config, proximal_lambda=50.0),
    )
    assert (loose.proximal_lambda, tight.proximal_lambda) == (pytest.approx(0.5), 50.0)
    assert tight.movement.numpy()[-1].max() < loose.movement.numpy()[-1].max()


def test_that_movement_and_pulls_are_those_of_the_path(network, studied) -> None:
    given = network("sinusoid-imaml")
    (column,) = studied(given, tasks=(0, 1), inner_steps=4)
    learner = MetaLearner(parse(given.config))
    batch = learner.held_out_tasks([0, 1])
    path = list(learner.adaptation_path(batch.support, 4))
    layer = slice(40 + 40, 40 + 40 + 1600 + 40)
    assert column.layers == ("linear0", "linear1", "linear2")
    for k, phi in enumerate(path):
        moved = (phi - path[0])[:, layer].norm(dim=1) / path[0][:, layer].norm(dim=1)
        assert column.movement.numpy()[k, 1] == pytest.approx(float(moved.mean()), rel=1e-4)
        pull = 0.5 * (phi - path[0]).norm(dim=1).mean()
        assert column.prior_pull.numpy()[k] == pytest.approx(float(pull), rel=1e-4)
        gradient = learner.bank.slope(phi, batch.support, k).gradient.norm(dim=1).mean()
        assert column.data_pull.numpy()[k] == pytest.approx(float(gradient), rel=1e-4)
    assert studied(network("sinusoid-maml"))[0].data_pull.numpy().size == 0


def test_that_pulls_balance_where_the_inner_problem_is_solved(network, studied) -> None:
    (column,) = studied(network("sinusoid-imaml", "algorithm.inner_lr=0.02"), inner_steps=400)
    assert column.prior_pull.numpy()[0] == 0
    assert column.prior_pull.numpy()[-1] == pytest.approx(column.data_pull.numpy()[-1], rel=0.02)


def test_that_a_superseded_study_is_dropped_between_steps(network) -> None:
    asked: list[int] = []

    def superseded() -> bool:
        asked.append(1)
        return len(asked) > 10

    assert study(_study(network("sinusoid-maml"), inner_steps=1000), superseded) is None
    assert len(asked) == 11
    assert study(_study(network("sinusoid-maml")), lambda: True) is None


def test_that_a_run_whose_folder_is_deleted_while_it_is_shown_is_a_sentence(network, studied, tmp_path) -> None:
    path = _saved(network("sinusoid-maml"), tmp_path / "a.safetensors")
    shown = network("sinusoid-maml", checkpoint=path)
    assert studied(shown)[0].problem == ""
    Path(path).unlink()
    assert "no such checkpoint" in studied(shown)[0].problem


def test_that_a_checkpoint_that_was_replaced_is_read_again(network, studied, tmp_path) -> None:
    path = _saved(network("sinusoid-maml"), tmp_path / "a.safetensors")
    before = studied(network("sinusoid-maml", checkpoint=path))[0]
    learner = MetaLearner(parse(network("sinusoid-maml").config))
    torch.nn.init.zeros_(learner.theta)
    write_checkpoint(Path(path), Checkpoint(8, network("sinusoid-maml").config, learner.parameters, {}))
    after = studied(network("sinusoid-maml", checkpoint=path))[0]
    assert before.tasks[0].predictions.numpy()[0].any()
    assert not after.tasks[0].predictions.numpy()[0].any()


def test_that_absurdly_many_steps_are_refused(network, studied) -> None:
    assert "10,000 steps" in studied(network("sinusoid-maml"), inner_steps=10_001)[0].problem
    assert "steps" in studied(network("sinusoid-maml"), inner_steps=-1)[0].problem


def _study(*networks: Network, **fields) -> Study:
    return Study(**({"request": 1, "data_dir": "", "networks": networks} | fields))
