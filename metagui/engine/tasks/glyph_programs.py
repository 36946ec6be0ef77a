"""Invented characters as stroke programs. A class is nothing but a number: the program is hashed out of it.

A stroke is a walk of ``SEGMENTS`` equal steps from a heading, turning a little before each: straight lines, arcs,
hooks, waves, corners, loops. It starts (or crosses) at a point of an earlier stroke, or stands apart from them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

STROKES = 4
SEGMENTS = 12
_SLOTS = 16  # hashed numbers a stroke may use
_STRIDE = 128  # of the counter between classes: more than STROKES * _SLOTS + 1

# Kinds of stroke, in the order of _profiles.
_LINE, _ARC, _HOOK, _WAVE, _CORNER, _BRACKET, _ZIGZAG, _LOOP, _FREE, _DOT = range(10)
_FIRST_KINDS = (_LINE, _LINE, _LINE, _ARC, _ARC, _HOOK, _HOOK, _WAVE, _CORNER, _CORNER, _BRACKET, _ZIGZAG, _LOOP, _FREE)
_LATER_KINDS = (_LINE, _LINE, _LINE, _LINE, _LINE, _ARC, _ARC, _HOOK, _WAVE, _CORNER, _BRACKET, _LOOP, _LOOP, _DOT)
_STROKE_COUNTS = (1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 4)
_RELATIVE_LENGTH = (0.9, 1.1, 1.2, 1.3, 1.3, 1.6, 1.6, 1.5, 2.3, 0.07)
_HEADINGS = (0.0, 0.0, 0.25, 0.5, 0.5, 0.5, 0.75, -0.25)  # in π: right, down-right, down, down-left, up-right
_JOINTS = (0, 0, SEGMENTS // 3, SEGMENTS // 2, 2 * SEGMENTS // 3, SEGMENTS, SEGMENTS)


@dataclass(frozen=True, slots=True)
class GlyphPrograms:
    """C classes. Angles in radians, lengths relative to one another; y points down the page.

    ``present`` [C, S] 0 or 1; ``heading`` and ``length`` [C, S]; ``turns`` [C, S, SEGMENTS] before each step.
    ``attached`` [C, S]: the stroke's own joint ``pivot`` lies on joint ``anchor_joint`` of stroke ``anchor_stroke``;
    else its middle lies ``offset`` [C, S, 2] away from the middle of what is drawn already.
    """

    present: Tensor
    heading: Tensor
    length: Tensor
    turns: Tensor
    attached: Tensor
    anchor_stroke: Tensor
    anchor_joint: Tensor
    pivot: Tensor
    offset: Tensor


def glyph_programs(numbers: Tensor) -> GlyphPrograms:
    """Programs of the classes with these int64 numbers [C]; the same number is the same character everywhere."""
    uniform = hashed_uniform(numbers, STROKES * _SLOTS + 1)
    count = _choose(_STROKE_COUNTS, uniform[:, -1])
    u = uniform[:, :-1].reshape(-1, STROKES, _SLOTS)
    order = torch.arange(STROKES)

    kind = _choose(_LATER_KINDS, u[..., 0])
    kind[:, 0] = _choose(_FIRST_KINDS, u[:, 0, 0])
    kind[:, 0] = torch.where(count == 1, _FREE, kind[:, 0])  # a lone stroke must be something to recognise
    profiles = _profiles(u)
    turns = profiles.gather(2, kind[..., None, None].expand(-1, -1, 1, SEGMENTS)).squeeze(2)

    length = torch.tensor(_RELATIVE_LENGTH)[kind] * (0.65 + 0.6 * u[..., 7])
    length[:, 0] *= 1.25
    angle = 2 * math.pi * u[..., 12]
    offset = (0.55 + 0.3 * u[..., 13]).unsqueeze(-1) * torch.stack([angle.cos(), angle.sin()], dim=-1)
    heading = math.pi * _choose(_HEADINGS, u[..., 6]) + 0.35 * (u[..., 8] - 0.5)
    anchor_stroke = (u[..., 10] * order).long()  # one of the earlier strokes
    anchor_joint = _choose(_JOINTS, u[..., 11])
    return GlyphPrograms(
        present=(order < count[:, None]).float(),
        heading=_turned_away(heading, turns, anchor_stroke, anchor_joint),
        length=length,
        turns=turns,
        attached=(u[..., 9] < 0.75) & (kind != _DOT),
        anchor_stroke=anchor_stroke,
        anchor_joint=anchor_joint,
        pivot=_choose((0, 0, 0, SEGMENTS // 2), u[..., 14]),
        offset=offset,
    )


def _turned_away(heading: Tensor, turns: Tensor, anchor_stroke: Tensor, anchor_joint: Tensor) -> Tensor:
    """Headings [C, S] that leave an earlier stroke at an angle instead of running along it."""
    directions = turns.cumsum(-1)
    joint = anchor_joint.clamp(max=SEGMENTS - 1).unsqueeze(-1)
    turned = heading.clone()
    for stroke in range(1, STROKES):
        earlier = anchor_stroke[:, stroke, None]
        along = directions.gather(1, earlier.unsqueeze(-1).expand(-1, -1, SEGMENTS))[:, 0].gather(1, joint[:, stroke])
        between = turned[:, stroke] - (turned.gather(1, earlier) + along)[:, 0]
        slant = torch.remainder(between + math.pi / 2, math.pi) - math.pi / 2  # 0: parallel
        wanted = torch.where(slant < 0, -0.9, 0.9)
        turned[:, stroke] += torch.where(slant.abs() < 0.9, wanted - slant, 0.0)
    return turned


def hashed_uniform(numbers: Tensor, count: int) -> Tensor:
    """``count`` (at most 128) numbers in [0, 1) for each int64 number: [...] -> float32 [..., count].

    SplitMix64 over a counter, so that a class needs no generator of its own and thousands are hashed at once.
    """
    z = (numbers.unsqueeze(-1) * _STRIDE + torch.arange(1, count + 1)) * _signed(0x9E3779B97F4A7C15)
    z = (z ^ _shifted(z, 30)) * _signed(0xBF58476D1CE4E5B9)
    z = (z ^ _shifted(z, 27)) * _signed(0x94D049BB133111EB)
    z = z ^ _shifted(z, 31)
    return _shifted(z, 40).float() / 2**24


def _signed(constant: int) -> int:
    return constant - 2**64 if constant >= 2**63 else constant


def _shifted(values: Tensor, bits: int) -> Tensor:
    """Logical shift right; torch's own repeats the sign bit."""
    return (values >> bits) & ((1 << (64 - bits)) - 1)


def _choose(options: tuple[int, ...] | tuple[float, ...], u: Tensor) -> Tensor:
    """The option each number in [0, 1) falls on."""
    return torch.tensor(options)[(u * len(options)).long()]


def _profiles(u: Tensor) -> Tensor:
    """Turns of every kind of stroke: [C, S, slots] -> [C, S, kinds, SEGMENTS], each from hashed slots 1..5."""
    joints = torch.arange(SEGMENTS)
    side = torch.where(u[..., 1] < 0.5, -1.0, 1.0).unsqueeze(-1)
    amount = u[..., 2].unsqueeze(-1)
    later = (joints > 0).float()  # the first step follows the heading

    def at(joint: Tensor) -> Tensor:
        return (joints == joint.unsqueeze(-1)).float()

    bent = side * later / (SEGMENTS - 1)
    hook_from = (5 + 4 * u[..., 3]).long().unsqueeze(-1)
    hooked = (joints >= hook_from).float()
    corner = at((4 + 5 * u[..., 3]).long())
    first, second = at((3 + 2 * u[..., 3]).long()), at((7 + 3 * u[..., 4]).long())
    halves = torch.where(joints < SEGMENTS // 2, 1.0, -1.0)

    # A free stroke: three bends one after the other, with a corner before the second or the third.
    bends = _choose((-2.0, -1.2, 1.2, 2.0), u[..., 3:6])
    pieces = bends.repeat_interleave(SEGMENTS // 3, dim=-1) * 0.27
    cusp = at(torch.where(u[..., 15] < 0.5, SEGMENTS // 3, 2 * SEGMENTS // 3)) * 1.9 * side
    kinds = [
        bent * math.radians(15) * amount,
        bent * (1.2 + 2.6 * amount),
        side * hooked / (SEGMENTS - hook_from) * (2.0 + 2.0 * amount),
        side * later * halves * (0.28 + 0.3 * amount),
        side * corner * (1.2 + 1.0 * amount),
        side * (first + second) * (1.2 + 0.6 * amount),
        side * (first - second) * (1.5 + 0.9 * amount),
        bent * 2 * math.pi * (0.9 + 0.12 * amount),
        pieces * later + cusp * (amount < 0.6),
        bent * 0.0,
    ]
    return torch.stack([kind.expand(*u.shape[:2], SEGMENTS) for kind in kinds], dim=2)
