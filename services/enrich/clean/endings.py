"""The mark below which a story is over, whatever prose follows it."""

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

_LONGEST = 100
#: Signs of agencies and press offices ("-30-", "ENDS", "###"), and what Reuters sets below every story.
_MARK = re.compile(
    r"(?:[-–—]\s?){1,3}(?:ends?|30)\s?(?:[-–—]\s?){1,3}|(?-i:ENDS)|\(ends?\)|#{3,}|#\s#\s#"
    r"|our standards: the thomson reuters.{0,40}",
    re.IGNORECASE,
)
#: Characters of the body that must stand above: what looks like a mark in a menu ends nothing.
_LEAST = 300


def end(texts: Sequence[str], chosen: NDArray[np.bool_]) -> int:
    """The row of the mark that ends the story; ``len(texts)`` when there is none.

    Marks that recur part the items of a digest, and end nothing.

    Args:
        texts: the blocks of a page.
        chosen: which of them look like the article.

    """
    row = below_story(texts, chosen, is_mark)
    return len(texts) if any(map(is_mark, texts[row + 1 :])) else row


def is_mark(text: str) -> bool:
    """Whether a line says that the story is over."""
    return len(text) < _LONGEST and _MARK.fullmatch(text) is not None


def below_story(texts: Sequence[str], chosen: NDArray[np.bool_], is_sign: Callable[[str], bool]) -> int:
    """The first row with a sign that has some of the story above it; ``len(texts)`` when there is none."""
    above = 0
    for row, (text, is_body) in enumerate(zip(texts, chosen.tolist(), strict=True)):
        above += len(text) if is_body else 0
        if above >= _LEAST and is_sign(text):
            return row
    return len(texts)
