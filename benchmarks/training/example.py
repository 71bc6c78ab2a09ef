"""A labelled page in one form, as training sees it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.quality.shingles import tokens
from benchmarks.training.labels import align
from services.enrich.clean import features

FOLDS = 4
SILVER = 0.5  # what a page labelled by a model counts, against one labelled by a person


@dataclass
class Example:
    """One page in one form: its blocks, their features, and which of them the gold holds."""

    group: str
    gold: dict
    texts: list[str]
    matrix: features.Matrix
    target: np.ndarray
    optional: np.ndarray
    silver: bool = False
    updates: Sequence[str] = ()  # of a live blog

    @property
    def fold(self) -> int:
        """Pages of one site are in one fold."""
        site = self.gold.get("site") or self.gold["id"]
        return int(hashlib.md5(site.encode()).hexdigest(), 16) % FOLDS

    @cached_property
    def words(self) -> list[set[str]]:
        """The words of each block."""
        return features.words(self.texts)

    @cached_property
    def weight(self) -> np.ndarray:
        """A block counts by its words and a page like any other, as in the score."""
        sizes = (np.array([len(tokens(text)) for text in self.texts], dtype=np.float32) + 1) ** 0.6
        out = 20 * sizes / max(8.0, float(sizes[self.target >= 0.5].sum()))
        out[(self.target > 0.15) & (self.target < 0.85)] *= 0.3
        out[self.optional] *= 0.01
        return out * (SILVER if self.silver else 1.0)


def example(
    group: str,
    gold: dict,
    texts: list[str],
    matrix: features.Matrix,
    *,
    silver: bool = False,
    updates: Sequence[str] = (),
) -> Example:
    optional = "\n\n".join(text for text, may in gold.get("blocks") or [] if may)
    return Example(
        group, gold, texts, matrix,
        np.array(align(texts, gold["body"]), dtype=np.float32),
        np.array(align(texts, optional)) >= 0.5 if optional else np.zeros(len(texts), dtype=bool),
        silver, updates,
    )  # fmt: skip
