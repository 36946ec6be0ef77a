import subprocess
import sys

import pytest

from metagui.datasets.omniglot_names import PARTS
from metagui.datasets.parts import installed_datasets


def test_that_nothing_is_listed_where_nothing_is(tmp_path):
    assert installed_datasets(tmp_path) == []
    assert installed_datasets(tmp_path / "nowhere") == []


def test_that_parts_are_listed_as_one_data_set(stamped_omniglot):
    (listed,) = installed_datasets(stamped_omniglot)
    assert (listed.name, listed.title) == ("omniglot", "Omniglot")
    assert (listed.classes, listed.examples) == (1623, 32460)
    assert listed.parts == PARTS
    assert listed.provenance == tuple(f"{part}: a test, added 2026-01-01" for part in PARTS)
    assert listed.problem == ""


@pytest.mark.parametrize("damage", ["description", "pixels", "missing"])
def test_that_a_damaged_data_set_is_listed_with_its_problem(tmp_path, install_stamped, damage):
    install_stamped(tmp_path, "evaluation")
    folder = tmp_path / "omniglot"
    match damage:
        case "description":
            (folder / "evaluation.json").write_text("{")
        case "pixels":
            (folder / "evaluation.npy").write_bytes(b"\x93NUMPY")
        case "missing":
            (folder / "evaluation.npy").unlink()
    (listed,) = installed_datasets(tmp_path)
    assert listed.name == "omniglot"
    assert "metagui data add omniglot" in listed.problem


def test_that_installing_needs_no_torch():
    program = (
        "import sys\nimport metagui.datasets.omniglot_install, metagui.datasets.parts\nsys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
