"""metagui: a desktop explorer for meta-learning experiments."""

from metagui.identity import __version__

__all__ = ["__version__"]
