"""The published score of the article-extraction benchmark: overlap of four-word shingles.

A token is a run of word characters; a text is the multiset of its 4-token shingles. Precision and recall
are multiset overlap, 1 when both sides agree. A set's precision is the mean over pages with a prediction,
its recall the mean over pages with gold, its F1 their harmonic mean.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Score:
    """One page, or the mean of many."""

    precision: float
    recall: float
    predicted: int = 1
    gold: int = 1

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def tokens(text: str) -> list[str]:
    return _WORD.findall(text)


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = tokens(text)
    if not words:
        return Counter()
    return Counter(tuple(words[start : start + 4]) for start in range(max(1, len(words) - 3)))


def page_score(gold: dict, body: str) -> Score:
    """One page. An optional paragraph of the gold is neither asked for nor counted as noise."""
    found = shingles(body)
    wanted = gold.get("body", "")
    if gold.get("blocks"):
        wanted = "\n\n".join(
            text for text, optional in gold["blocks"] if not optional or _mostly_in(text, found)
        )
    right = shingles(wanted)
    hits = sum((right & found).values())
    predicted, asked = sum(found.values()), sum(right.values())
    if predicted == asked == hits:
        return Score(1.0, 1.0, predicted, asked)
    return Score(hits / predicted if predicted else 0.0, hits / asked if asked else 0.0, predicted, asked)


def _mostly_in(text: str, found: Counter[tuple[str, ...]]) -> bool:
    own = shingles(text)
    return bool(own) and 2 * sum((own & found).values()) >= sum(own.values())


def summarise(scores: Iterable[Score]) -> Score:
    scores = list(scores)
    return Score(
        fmean([score.precision for score in scores if score.predicted] or [0.0]),
        fmean([score.recall for score in scores if score.gold] or [0.0]),
        sum(bool(score.predicted) for score in scores),
        len(scores),
    )
