"""From a configuration to the code it names."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from metagui.config.fields import Section
from metagui.errors import InvalidValueError


def implementation_of(path: str, section: Section) -> Callable[..., Any]:
    """What ``section.implementation`` ("module:callable") names.

    Raises InvalidValueError at the configuration path ``path`` when a plug-in cannot be imported.
    """
    module_name, _, attribute = section.implementation.partition(":")
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError) as error:
        raise InvalidValueError(path, f"{section.title} cannot be used: {error}") from error
    return found
