"""The headline of a dump, where often nothing marks it: the line that speaks of what the article does."""

import re
from collections.abc import Sequence

from services.enrich.clean import bylines, dates, phrases
from services.enrich.clean.blocks import Candidate
from services.models import BlockKind

_OPENING = 6  # blocks that say what an article is about
_ABOVE = 40  # blocks above the body among which it is looked for
_LEAST = 0.3


def find(candidates: Sequence[Candidate], levels: Sequence[int], first: int) -> int | None:
    """The position of the headline among the blocks of a dump.

    It is marked as one, or speaks of what the article's first paragraphs speak of, is as often repeated (in
    the path above it, for sharing), and stands above byline and date. The weights are those by which most
    titles of the development dumps came out; the optimum is flat.

    Args:
        candidates: all blocks.
        levels: the heading level of each, 0 for none.
        first: the position of the first block of the body.

    """
    best, best_score = None, 0.0
    title = candidates[0].text if candidates else ""
    start = max(0, first - _ABOVE)
    about = _words(" ".join(item.text for item in candidates[first : first + _OPENING] if item.kept))
    signed = next((at for at in range(start, first) if _is_signed(candidates[at].text)), first)
    for position in range(start, min(first + 1, len(candidates))):
        item = candidates[position]
        text = item.text
        if not 8 <= len(text) <= 250 or (position == first and not levels[position]):
            continue
        if phrases.opening(text) or phrases.is_credit(text) or _is_signed(text):
            continue
        words = _words(text)
        shared = len(words & about) / max(1, len(words))
        score = min(len(text), 60) / 60 + shared
        score += {1: 3.0, 2: 1.0, 3: 0.3}.get(levels[position], 0.0)
        if position and len(text) > 15 and title.startswith(text):
            score += 2.5  # a page's title is its headline and the site's name
        if shared and _is_repeated(candidates, position):
            score += 0.8 * shared
        score -= 0.5 * (position > signed)
        score -= abs(first - 4 - position) / 60 + max(0, len(text) - 110) / 150
        score -= 1.5 * (item.linked > 0.5) + 0.7 * (text.endswith(".") and not text.endswith("..."))
        if item.shape is BlockKind.LIST_ITEM:
            score -= 1
        if score > best_score:
            best, best_score = position, score
    return best if best_score >= _LEAST else None


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{4,}", text.casefold()))


def _is_repeated(candidates: Sequence[Candidate], position: int) -> bool:
    """Whether another line holds the words of this one and few more."""
    text = candidates[position].text
    return len(text) > 15 and any(
        len(text) <= len(other.text) < 2 * len(text) + 60 and text in other.text
        for at, other in enumerate(candidates)
        if at != position
    )


def _is_signed(text: str) -> bool:
    """Whether a line is a byline or a date."""
    return len(text) < 60 and (dates.find(text) is not None or bylines.signer(text) is not None)
