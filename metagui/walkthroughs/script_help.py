"""How a script is written, in words: for the command line's help, from the classes that read it."""

from __future__ import annotations

import inspect
import textwrap

from metagui.walkthroughs.script_actions import ACTIONS, REGION_PAGES, Action

_EXAMPLE = """
[talk]
title = "My talk"
seed = 7

[[slide]]
id = "first"
title = "It learns"
narration = "What the audience reads, in any language."
notes = "What only the speaker sees."
page = "monitor"            # or adaptation, walkthrough, title

[[slide.action]]
do = "train"
preset = "sinusoid-maml"
set = { "outer.steps" = 300 }

[[slide.action]]
do = "wait"
loss_below = 1.5
seconds = 60
"""


def script_help(width: int = 100) -> str:
    """An example, then every action with its keys and what it does."""
    actions = "\n".join(_action(name, action, width) for name, action in ACTIONS.items())
    regions = ", ".join(f"{region} ({page})" for region, page in REGION_PAGES.items())
    return (
        "a script is TOML, for example:\n"
        f"{textwrap.indent(_EXAMPLE.strip(), '  ')}\n\n"
        f"what an action can do, with its keys:\n{actions}\n"
        f"{textwrap.fill(f'regions and their pages: {regions}', width, initial_indent='  ', subsequent_indent='    ')}"
    )


def _action(name: str, action: type[Action], width: int) -> str:
    keys = [field.alias or key for key, field in action.model_fields.items() if key != "do"]
    # Of the whole description, the paragraph that says what it does.
    words = " ".join((inspect.getdoc(action) or "").partition("\n\n")[0].replace("``", "").split())
    text = f"{name:<12}{', '.join(keys)}{': ' if keys else ''}{words}"
    return textwrap.fill(text, width, initial_indent="  ", subsequent_indent=" " * 14)
