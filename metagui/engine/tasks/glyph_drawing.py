"""Drawing stroke programs: a jittery hand walks the strokes, a soft round pen leaves ink. Batched over drawings."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from metagui.engine.tasks.glyph_programs import SEGMENTS, STROKES, GlyphPrograms

SIDE = 28
_CHUNK = 64  # drawings rendered at once, so that the tables of the brush stay in the cache
_POINTS = 3  # of the brush a segment: about half a pixel apart


def draw(programs: GlyphPrograms, drawings: int, random: torch.Generator, jitter: float) -> Tensor:
    """Each of C characters drawn anew: float32 [C, drawings, 28, 28], ink 1 on 0. ``jitter`` 1 is about human."""
    count = programs.heading.shape[0]
    paths = _on_paper(_walk(programs, drawings, random, jitter), programs.present, random, jitter)
    pen = 0.56 * torch.exp(0.10 * jitter * torch.randn(count, drawings, generator=random))
    present = programs.present[:, None].expand(-1, drawings, -1)
    chunks = (torch.split(part.flatten(0, 1), _CHUNK) for part in (paths, present, pen))
    ink = torch.cat([_ink(*chunk) for chunk in zip(*chunks, strict=True)])
    return ink.view(count, drawings, SIDE, SIDE)


def _walk(programs: GlyphPrograms, drawings: int, random: torch.Generator, jitter: float) -> Tensor:
    """Joints of all strokes, in the programs' own units: [C, D, S, SEGMENTS + 1, 2]."""
    shape = (programs.heading.shape[0], drawings, STROKES)
    noise = torch.randn(*shape, 7, generator=random) * jitter
    ramp = torch.linspace(-1, 1, SEGMENTS)
    wobble = torch.randn(*shape, SEGMENTS, generator=random) * (0.035 * jitter)

    turns = programs.turns[:, None] * (1 + 0.11 * noise[..., 0:1]) + wobble + 0.02 * noise[..., 1:2]
    heading = (programs.heading[:, None] + 0.11 * noise[..., 2]).unsqueeze(-1) + turns.cumsum(-1)
    # One arm of a corner grows where the other shrinks: the ramp.
    steps = (
        programs.length[:, None, :, None] / SEGMENTS * torch.exp(0.13 * noise[..., 3:4] + 0.14 * noise[..., 4:5] * ramp)
    )
    moves = steps.unsqueeze(-1) * torch.stack([heading.cos(), heading.sin()], dim=-1)
    walks = torch.nn.functional.pad(moves.cumsum(-2), (0, 0, 1, 0))
    slips = 0.035 * noise[..., 5:7] * programs.length[:, None, :, None].clamp(0.5, 1.0)

    placed = [walks[:, :, 0]]
    for stroke in range(1, STROKES):
        walk = walks[:, :, stroke]
        joint = programs.anchor_stroke[:, stroke] * (SEGMENTS + 1) + programs.anchor_joint[:, stroke]
        anchor = _joint(torch.cat(placed, dim=2), joint) - _joint(walk, programs.pivot[:, stroke])
        first = placed[0]
        middle = (first.amax(2) + first.amin(2) - walk.amax(2) - walk.amin(2)) / 2
        apart = middle + programs.offset[:, None, stroke]
        start = torch.where(programs.attached[:, None, stroke, None], anchor, apart) + slips[:, :, stroke]
        placed.append(walk + start.unsqueeze(2))
    return torch.stack(placed, dim=2)


def _joint(joints: Tensor, index: Tensor) -> Tensor:
    """One joint of each drawing: [C, D, J, 2], [C] -> [C, D, 2]."""
    return joints.gather(2, index[:, None, None, None].expand(-1, joints.shape[1], 1, 2)).squeeze(2)


def _on_paper(paths: Tensor, present: Tensor, random: torch.Generator, jitter: float) -> Tensor:
    """Joints in pixels: fitted to the page, then turned, stretched, sheared and moved a little."""
    noise = torch.randn(*paths.shape[:2], 6, generator=random) * jitter
    absent = (present == 0)[:, None, :, None, None]
    low = paths.masked_fill(absent, math.inf).amin((2, 3))
    high = paths.masked_fill(absent, -math.inf).amax((2, 3))
    middle = ((low + high) / 2)[:, :, None, None]
    reach = (high - low).amax(-1).clamp_min(1e-3)

    turn, shear = 0.07 * noise[..., 0], 0.10 * noise[..., 1]
    size = (18.5 * torch.exp(0.09 * noise[..., 2]) / reach).clamp(max=(SIDE - 4) / reach)
    wide = torch.exp(0.09 * noise[..., 3])
    cos, sin = turn.cos(), turn.sin()
    matrix = torch.stack([cos * wide, cos * shear - sin / wide, sin * wide, sin * shear + cos / wide], dim=-1)
    matrix = (matrix * size.unsqueeze(-1)).view(*size.shape, 1, 2, 2)
    shift = (1.3 * noise[..., 4:6]).clamp(-3, 3)[:, :, None, None] + SIDE / 2
    on_paper: Tensor = (paths - middle) @ matrix.transpose(-1, -2) + shift
    return on_paper


def _ink(joints: Tensor, present: Tensor, pen: Tensor) -> Tensor:
    """B drawings: joints [B, S, SEGMENTS + 1, 2] in pixels, pen radius [B] -> [B, 28, 28].

    The pen's mark is a Gaussian integrated along the stroke. Gaussians are separable, so the sum over all points
    of the brush is one matrix product a drawing instead of a distance from every pixel to every segment.
    """
    between = (torch.arange(_POINTS) + 0.5) / _POINTS
    steps = joints[:, :, 1:] - joints[:, :, :-1]
    points = (joints[:, :, :-1, None] + steps[:, :, :, None] * between[:, None]).flatten(1, 3)
    travelled = steps.norm(dim=-1)  # [B, S, SEGMENTS]
    # A dot has hardly any length: the pen rests on it.
    resting = (2.4 * pen[:, None] / travelled.sum(-1).clamp_min(1e-3)).clamp_min(1)
    weights = travelled * (present * resting / (_POINTS * math.sqrt(2 * math.pi) * pen[:, None])).unsqueeze(-1)
    weights = weights.repeat_interleave(_POINTS, dim=-1).flatten(1)

    scale = (math.sqrt(0.5) / pen)[:, None, None]
    pixels = (torch.arange(SIDE) + 0.5) * scale
    marks = (points * scale).unsqueeze(-1) - pixels.unsqueeze(-2)  # [B, P, 2, 28]
    # Clamped, because denormal results make exp several times slower.
    across, down = marks.square_().neg_().clamp_min_(-30).exp_().unbind(2)
    amount: Tensor = (down * weights.unsqueeze(-1)).transpose(1, 2) @ across
    return (1.6 * amount - 0.2).clamp_(0, 1)
