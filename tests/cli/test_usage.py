"""Arguments, help, exit codes and sentences: what needs neither torch nor a run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from metagui.config import preset_names
from metagui.identity import __version__

COMMANDS = [
    ["train"],
    ["resume"],
    ["evaluate"],
    ["paper"],
    ["runs", "list"],
    ["data", "add"],
    ["data", "list"],
    ["presets"],
    ["fields"],
    ["doctor"],
    ["screenshot"],
]

Metagui = Callable[..., Any]


def test_that_the_version_is_told(metagui: Metagui) -> None:
    result = metagui("--version")
    assert (result.code, result.out) == (0, f"metagui {__version__}\n")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_that_every_command_has_help_and_a_data_folder(metagui: Metagui, words: list[str]) -> None:
    result = metagui(*words, "--help")
    assert result.code == 0
    assert "--data-dir" in result.out
    assert f"usage: metagui {' '.join(words)}" in result.out
    assert result.err == ""


def test_that_the_help_names_every_command_and_hides_the_worker(metagui: Metagui) -> None:
    result = metagui("--help")
    for words in COMMANDS:
        assert f"\n    {words[0]} " in result.out
    assert "worker" not in result.out
    assert "probe" not in result.out


def test_that_the_help_of_train_lists_the_presets(metagui: Metagui) -> None:
    result = metagui("train", "--help")
    for name in preset_names():
        assert name in result.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "--preset", "sinusoid-mamal"], ["'sinusoid-mamal' is not one of", "did you mean sinusoid-maml?"]),
        (["train", "--preset", ""], ["--preset", "sinusoid-maml"]),
        (["train", "--set", "algorithm.inner_steps=0"], ["algorithm.inner_steps: must be at least 1, not 0"]),
        (
            ["train", "--preset", "sinusoid-imaml", "--set", "algorithm.proximal_lambda=-1"],
            ["algorithm.proximal_lambda: must be greater than 0, not -1"],
        ),
        (["train", "--set", "algorithm.inner_stpes=1"], ["algorithm.inner_stpes", "did you mean inner_steps?"]),
        (["train", "--set", "optimizer.lr=1"], ["optimizer.lr", "paths begin with task, model, algorithm"]),
        (["train", "--set", "algorithm.inner_steps"], ["write it as field.path=value"]),
        (["train", "--steps", "0"], ["outer.steps: must be at least 1, not 0"]),
        (["train", "--seed", "-1"], ["compute.seed: must be at least 0, not -1"]),
        (["train", "--device", "gpu"], ["compute.device: must be auto, cpu"]),
        (
            ["train", "--preset", "omniglot-maml-5w1s", "--set", "task.k_shot=19", "--set", "task.n_query=5"],
            ["task.k_shot", "24", "20 drawings"],
        ),
        (["evaluate", "r-0001", "--tasks", "1"], ["--tasks: must be at least 2"]),
        (["evaluate", "r-0001", "--inner-steps", "0"], ["--inner-steps: must be between 1"]),
    ],
)
def test_that_an_invalid_value_is_answered_with_a_sentence(
    metagui: Metagui, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    result = metagui(*arguments, "--data-dir", tmp_path / "data")
    assert result.code == 2
    assert result.err.startswith("metagui: error: ")
    assert result.err.count("\n") == 1
    for word in words:
        assert word in result.err
    assert not (tmp_path / "data").exists(), "nothing is made before the command is understood"


@pytest.mark.parametrize(
    "arguments",
    [
        ["trian"],
        ["train", "--stpes", "3"],
        ["train", "--steps", "many"],
        ["runs"],
        ["data"],
        ["data", "add"],
        ["data", "preview", "cats"],
        ["resume"],
        ["--theme", "pink"],
    ],
    ids=" ".join,
)
def test_that_a_wrong_command_line_is_told_with_the_usage(metagui: Metagui, arguments: list[str]) -> None:
    result = metagui(*arguments)
    assert result.code == 2
    assert "usage: metagui" in result.err
    assert "error: " in result.err
    assert "Traceback" not in result.err


def test_that_the_version_is_told_without_waiting_for_anything() -> None:
    program = (
        "import sys; from metagui.cli import main; main(['--version']); "
        "assert not {'numpy', 'msgspec', 'pydantic', 'tqdm'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, stdin=subprocess.DEVNULL, timeout=60)


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["presets"], ["fields"], ["runs", "list"]])
def test_that_nothing_heavy_is_imported_for_a_light_command(tmp_path: Path, arguments: list[str]) -> None:
    program = (
        "import sys; from metagui.cli import main; code = main(sys.argv[1:]); "
        "heavy = {'torch', 'PySide6', 'pyqtgraph', 'PIL'} & set(sys.modules); "
        "assert code == 0, code; assert not heavy, heavy"
    )
    place = [] if "--help" in arguments else ["--data-dir", str(tmp_path / "data")]
    subprocess.run(
        [sys.executable, "-c", program, *arguments, *place], check=True, stdin=subprocess.DEVNULL, timeout=60
    )


def test_that_the_data_folder_may_stand_before_the_command(metagui: Metagui, tmp_path: Path) -> None:
    assert metagui("--data-dir", tmp_path / "here", "runs", "list").code == 0
    assert (tmp_path / "here" / "metagui.sqlite").is_file()


@pytest.mark.parametrize("words", [["runs", "list"], ["train"], ["resume", "r-0001"]], ids=" ".join)
def test_that_a_data_folder_that_cannot_be_made_is_named(metagui: Metagui, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "file").write_text("I am no folder")
    place = tmp_path / "file" / "data"
    result = metagui(*words, "--data-dir", place)
    assert result.code == 3
    assert str(place) in result.err
    assert "--data-dir" in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("words", [["resume", "r-0009"], ["evaluate", "nobody"]], ids=" ".join)
def test_that_an_unknown_run_is_named(metagui: Metagui, data_dir: Path, words: list[str]) -> None:
    result = metagui(*words, "--data-dir", data_dir)
    assert result.code == 2
    assert repr(words[1]) in result.err
    assert "Traceback" not in result.err


def test_that_an_empty_store_is_an_empty_array(metagui: Metagui, data_dir: Path) -> None:
    result = metagui("runs", "list", "--json", "--data-dir", data_dir)
    assert (result.code, result.value) == (0, [])
    assert "metagui train" in metagui("runs", "list", "--data-dir", data_dir).out


def test_that_presets_and_fields_are_told_as_json(metagui: Metagui) -> None:
    presets = metagui("presets", "--json").value
    assert [preset["name"] for preset in presets] == preset_names()
    fields = {(field["path"], field["choice"]): field for field in metagui("fields", "--json").value}
    strength = fields["algorithm.proximal_lambda", "imaml"]
    assert strength["symbol"] == "λ"
    assert strength["exclusive_minimum"]
    assert fields["compute.seed", None]["default"] == 0
    assert fields["model.activation", "mlp"]["choices"][0] == "relu"


def test_that_a_terminal_without_greek_is_no_reason_to_fail(metagui: Metagui) -> None:
    result = metagui("fields", "algorithm", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert result.code == 0
    assert "Proximal strength ?" in result.out


def test_that_a_reader_that_leaves_early_is_no_error() -> None:
    listing = subprocess.Popen(
        [sys.executable, "-m", "metagui", "fields", "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert listing.stdout is not None
    assert listing.stderr is not None
    listing.stdout.close()
    complaints = listing.stderr.read().decode()
    listing.stderr.close()
    assert listing.wait(timeout=60) == 0
    assert complaints == ""


def test_that_json_output_is_one_line(metagui: Metagui) -> None:
    assert len(metagui("presets", "--json").out.splitlines()) == 1
    json.loads(metagui("fields", "outer", "--json").out)
