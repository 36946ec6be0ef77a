"""The adaptation studio: networks side by side on the same tasks, tasks made by hand, and a look inside one of them."""

from __future__ import annotations

from metagui.engine.studio.looking import look_inside
from metagui.engine.studio.study import study

__all__ = ["look_inside", "study"]
