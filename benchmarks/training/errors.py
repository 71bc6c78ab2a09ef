"""What a choice of blocks gets wrong, by where on the page and how: counts of blocks and words, no text."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

PROSE = 120  # characters
LINE = 50


@dataclass
class Class:
    """One way to be wrong."""

    blocks: int = 0
    words: int = 0
    pages: set[str] = field(default_factory=set)


def classify(
    pages: Iterable[tuple[str, Sequence[str], np.ndarray, np.ndarray, np.ndarray]],
) -> tuple[dict[tuple[str, str, str], Class], int]:
    """Classes of error by verdict, place and size, and how many words the golds hold.

    Args:
        pages: of each page its id, blocks, which of them are kept, which the gold holds and which it may.

    """
    found: dict[tuple[str, str, str], Class] = defaultdict(Class)
    total = 0
    for name, texts, kept, gold, optional in pages:
        body = np.flatnonzero(gold)
        total += sum(len(texts[row].split()) for row in body)
        for row in np.flatnonzero((kept != gold) & ~optional):
            one = found["kept" if kept[row] else "lost", _place(row, body), _size(texts[row])]
            one.blocks += 1
            one.words += len(texts[row].split())
            one.pages.add(name)
    return found, total


def _place(row: int, body: np.ndarray) -> str:
    if not len(body):
        return "no body"
    first, last = body[0], body[-1]
    if row < first:
        return "above" if first - row > 3 else "just above"
    if row > last:
        return "below" if row - last > 3 else "just below"
    return "start" if row - first < 3 else "end" if last - row < 3 else "inside"


def _size(text: str) -> str:
    return "prose" if len(text) >= PROSE else "line" if len(text) >= LINE else "words"


def table(found: dict[tuple[str, str, str], Class], total: int) -> str:
    """The classes as lines, those with most words first; shares are of the words of the golds."""
    rows = sorted(found.items(), key=lambda item: -item[1].words)
    return "\n".join(
        f"    {verdict} {place:10} {size:5} {one.blocks:6} blocks {one.words:7} words "
        f"{100 * one.words / max(1, total):5.2f} %  {len(one.pages):4} pages"
        for (verdict, place, size), one in rows
    )
