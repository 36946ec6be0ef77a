"""Devices are named as the machine has them."""

from __future__ import annotations

import pytest
import torch

from metagui.engine.device import list_devices, resolve_device
from metagui.errors import InvalidValueError


def test_that_the_cpu_comes_first_and_every_listed_device_resolves() -> None:
    names = [device.name for device in list_devices()]
    assert names[0] == "cpu"
    assert [str(resolve_device(name)) for name in names] == names
    assert str(resolve_device("auto")) in names


def test_that_a_device_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidValueError, match=r"compute\.device: cuda:97 is not on this machine; it has cpu"):
        resolve_device("cuda:97")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_that_cuda_without_a_number_is_the_first() -> None:
    assert resolve_device("cuda") == torch.device("cuda:0")
