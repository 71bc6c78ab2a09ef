"""The choice for texts too short to learn from: a note, a brief, a pasted article with little around it."""

from collections.abc import Sequence

import numpy as np

from services.enrich.clean import dates, phrases
from services.enrich.clean.blocks import is_sentence, offers
from services.enrich.clean.features import heaviest
from services.enrich.clean.lines import Line
from services.models import BlockKind

_SOFT = (BlockKind.DATE, BlockKind.BYLINE)
_HEAD = (BlockKind.DATE, BlockKind.BYLINE, BlockKind.METADATA)


def choose_lines(found: Sequence[Line]) -> list[bool]:
    """For each line of a dump whether it is part of the body."""
    weights = [_weight(line) for line in found]
    for begin, end in offers([line.text for line in found]):
        weights[begin:end] = [-60.0] * (end - begin)
    begin, end = heaviest(np.array(weights))
    begin = _below_head(found, weights, begin, end)
    kept = [False] * len(found)
    for position in range(begin, end):
        text = found[position].text
        named = phrases.opening(text) or phrases.inside(text)
        kept[position] = weights[position] > 0 or (
            named is None and _is_heading(found, weights, position, end)
        )
    return kept


def _below_head(found: Sequence[Line], weights: Sequence[float], begin: int, end: int) -> int:
    """Where the body begins: under the last of the byline, dates and subjects that follow the headline."""
    total = sum(weight for weight in weights[begin:end] if weight > 0)
    seen = 0.0
    start = begin
    for position in range(begin, min(begin + 12, end)):
        line = found[position]
        if len(line.text) <= 120 and (
            phrases.opening(line.text) in _HEAD or (len(line.text) < 80 and dates.find(line.text) is not None)
        ):
            start = position + 1
        seen += max(0.0, weights[position])
        if seen > total * 0.25:
            break
    return start


def _weight(line: Line) -> float:
    size = len(line.text)
    wide = sum(ord(char) > 0x2E7F for char in line.text[:60])
    size += wide * 2 if wide * 2 > min(size, 60) else 0
    cue = phrases.opening(line.text)
    if line.linked * 2 > len(line.text) or (cue is not None and (cue not in _SOFT or size < 100)):
        return -60.0 if cue is BlockKind.PROMOTION else -30.0
    if phrases.inside(line.text) is not None:
        return -30.0
    if size >= 80 or (size >= 40 and is_sentence(line.text)):
        return float(min(size, 500))
    return -15.0 if not is_sentence(line.text) else 10.0


def _is_heading(found: Sequence[Line], weights: Sequence[float], position: int, end: int) -> bool:
    """A short line inside the article with prose under it."""
    following = weights[position + 1 : min(position + 3, end)]
    return len(found[position].text) <= 100 and any(weight > 60 for weight in following[:1])
