"""A talk on paper: one HTML page with a picture a slide, in a folder that needs nothing from elsewhere."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from metagui.errors import EnvironmentProblemError
from metagui.identity import APP_TITLE, __version__
from metagui.walkthroughs.script import Script, Slide

PAGE = "index.html"
_SIGN = '<meta name="generator" content="metagui handout">'
"""How a folder says that it is a handout and may be written anew."""

_PICTURE = re.compile(r'<img src="(\d+-[a-z0-9-]+\.png)"')

_STYLE = """
:root { color-scheme: light; }
body { font: 17px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #1a212b; background: #fff;
  max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
header { border-bottom: 3px solid #1463d8; margin-bottom: 2.5rem; padding-bottom: 1.25rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .4rem; }
header p, footer { color: #5b6675; margin: 0; }
section { margin: 0 0 3rem; }
h2 { font-size: 1.3rem; margin: 0 0 .7rem; }
h2 span { color: #5b6675; font-weight: 400; margin-right: .5rem; }
img { display: block; width: 100%; height: auto; border: 1px solid #d5dbe4; border-radius: 6px; }
.narration { font-size: 1.1rem; margin: .9rem 0 .6rem; }
.notes { color: #414b59; border-left: 3px solid #d5dbe4; margin: 0; padding: 0 0 0 1rem; white-space: pre-line; }
.missing { color: #935a00; }
footer { border-top: 1px solid #d5dbe4; padding-top: 1rem; font-size: .85rem; }
@page { margin: 14mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 11pt; }
  section { break-inside: avoid; }
  section + section { break-before: page; }
}
"""


@dataclass(frozen=True, slots=True)
class SlidePicture:
    """``file`` is a name within the folder; ``complete`` whether every action of the slide worked out."""

    file: str
    complete: bool = True


def picture_names(script: Script) -> list[str]:
    """One name a slide: its number and its id."""
    width = max(2, len(str(len(script.slides))))
    return [f"{number:0{width}}-{slide.id}.png" for number, slide in enumerate(script.slides, 1)]


def prepare_folder(folder: Path, script: Script) -> None:
    """Make the folder, or empty the handout it holds. Raises EnvironmentProblemError where it holds anything else.

    Only the page and the pictures that it shows are ever removed. The new page is written at once: a recording that
    is interrupted leaves a handout, too.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        present = sorted(folder.iterdir())
        own = _own_files(folder)
        foreign = [path.name for path in present if path.name not in own or path.is_dir() or path.is_symlink()]
        if foreign:
            names = ", ".join(foreign[:3]) + (", …" if len(foreign) > 3 else "")
            raise EnvironmentProblemError(
                f"{folder} is no handout of metagui and not empty ({names}): choose a new or an empty folder"
            )
        for path in present:
            path.unlink()
        (folder / PAGE).write_text(handout(script, [SlidePicture(name) for name in picture_names(script)]), "utf-8")
    except OSError as error:
        raise EnvironmentProblemError(f"{folder} cannot be written: {error.strerror}") from None


def write_handout(folder: Path, script: Script, pictures: Sequence[SlidePicture]) -> Path:
    """Write the page for pictures that lie in the folder; returns its path."""
    page = folder / PAGE
    try:
        page.write_text(handout(script, pictures), encoding="utf-8")
    except OSError as error:
        raise EnvironmentProblemError(f"{page} cannot be written: {error.strerror}") from None
    return page


def handout(script: Script, pictures: Sequence[SlidePicture]) -> str:
    """The page as text. Everything that the script says is escaped."""
    talk = script.talk
    heading = [f"<h1>{_text(talk.title)}</h1>"]
    heading += [f"<p>{_text(line)}</p>" for line in (talk.subtitle, talk.author) if line]
    slides = "\n".join(
        _slide(number, slide, picture)
        for number, (slide, picture) in enumerate(zip(script.slides, pictures, strict=True), 1)
    )
    return f"""<!DOCTYPE html>
<html lang="{_text(talk.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{_SIGN}
<title>{_text(talk.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
{"".join(heading)}
</header>
<main>
{slides}
</main>
<footer>{_text(APP_TITLE)} {_text(__version__)} · seed {talk.seed}</footer>
</body>
</html>
"""


def _slide(number: int, slide: Slide, picture: SlidePicture) -> str:
    parts = [
        f"<h2><span>{number}</span>{_text(slide.title)}</h2>",
        f'<img src="{_text(picture.file)}" alt="{_text(slide.title)}">',
    ]
    if not picture.complete:
        parts.append('<p class="missing">One step of this slide did not work out when the picture was taken.</p>')
    parts += [f'<p class="narration">{_text(_joined(text))}</p>' for text in slide.narrations]
    if slide.notes.strip():
        parts.append(f'<p class="notes">{_text(slide.notes.strip())}</p>')
    return f'<section id="{_text(slide.id)}">\n' + "\n".join(parts) + "\n</section>"


def _joined(text: str) -> str:
    return " ".join(text.split())


def _text(text: str) -> str:
    return html.escape(text, quote=True)


def _own_files(folder: Path) -> set[str]:
    """The page and the pictures that it shows, where it is one of ours."""
    try:
        page = (folder / PAGE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return set()
    return {PAGE, *_PICTURE.findall(page)} if _SIGN in page else set()
