"""Which blocks of a page its gold text holds: the targets that the choice of blocks is trained on."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence

_WORD = re.compile(r"\w+")


def tokens(text: str) -> list[str]:
    return _WORD.findall(text)


def align(blocks: Sequence[str], gold: str) -> list[float]:
    """The share of each block that the gold holds, where the block stands where the gold has it.

    A line that a page repeats (a teaser of itself, a pull quote) is matched only in its place, which
    the long blocks around it that occur once give.
    """
    words = tokens(gold)
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for size in (1, 2, 3, 4):
        for start in range(len(words) - size + 1):
            places[tuple(words[start : start + size])].append(start)
    split = [tokens(block) for block in blocks]
    seen = Counter(map(tuple, split))
    covered: list[float] = []
    spots: list[list[int]] = []
    for own in split:
        size = min(4, len(own))
        if not size:
            covered.append(0.0)
            spots.append([])
            continue
        grams = [tuple(own[start : start + size]) for start in range(len(own) - size + 1)]
        hits = [gram in places for gram in grams]
        covered.append(sum(hits) / len(hits))
        first = next((position for position, hit in enumerate(hits) if hit), None)
        spots.append([place - first for place in places[grams[first]]] if first is not None else [])
    anchors = [
        (row, spots[row][0])
        for row, own in enumerate(split)
        if covered[row] >= 0.5
        and seen[tuple(own)] == 1
        and len(spots[row]) == 1
        and (len(own) >= 8 or len(blocks[row]) >= 50)
    ]
    chain = _rising(anchors, [len(split[row]) for row, _ in anchors])
    rows = [row for row, _ in chain]
    out = list(covered)
    anchored = set(rows)
    for row, own in enumerate(split):
        if row in anchored or covered[row] < 0.5:
            continue
        position = bisect_left(rows, row)
        low = chain[position - 1][1] + len(split[rows[position - 1]]) - 3 if position else -len(own)
        high = chain[position][1] + 3 if position < len(chain) else len(words) + len(own)
        slack = 2 if len(own) < 8 else 40
        if chain and not any(low - slack <= spot and spot + len(own) <= high + slack for spot in spots[row]):
            out[row] = 0.0
    _drop_repeats(out, split, spots)
    return out


def _rising(anchors: Sequence[tuple[int, int]], sizes: Sequence[int]) -> list[tuple[int, int]]:
    """The heaviest run of anchors whose places in the gold rise with their places on the page."""
    best = list(sizes)
    back = [-1] * len(anchors)
    for row in range(len(anchors)):
        for other in range(max(0, row - 300), row):
            if anchors[other][1] < anchors[row][1] and best[other] + sizes[row] > best[row]:
                best[row], back[row] = best[other] + sizes[row], other
    out: list[tuple[int, int]] = []
    row = max(range(len(anchors)), key=best.__getitem__, default=-1)
    while row >= 0:
        out.append(anchors[row])
        row = back[row]
    return out[::-1]


def _drop_repeats(out: list[float], split: Sequence[list[str]], spots: Sequence[list[int]]) -> None:
    """Keep no more copies of a block than the gold has places for, the later ones going first."""
    left: dict[tuple[str, ...], int] = {}
    for row, own in enumerate(split):
        if out[row] < 0.5:
            continue
        key = tuple(own)
        left.setdefault(key, len(spots[row]))
        if left[key] <= 0:
            out[row] = 0.0
        left[key] -= 1
