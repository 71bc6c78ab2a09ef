"""Which blocks are the article: a trained verdict on each, and the selection that fits the verdicts best."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import trafilatura
from lxml import html
from numpy.typing import NDArray

from services.enrich.clean import phrases, rules, signals
from services.enrich.clean.blocks import offers
from services.enrich.clean.dom import Piece
from services.enrich.clean.features import Vector
from services.enrich.clean.lines import Line
from services.enrich.clean.metadata import Metadata
from services.enrich.clean.trees import Trees
from services.models import BlockKind

#: Fewer lines than this are no web page with furniture around an article.
_FEW = 20
_LEAST = 0.12  # no block is taken on less, however poor the page
#: Named like this, a block of a line or two is noise whatever stands around it.
_NOISE = frozenset((BlockKind.RELATED, BlockKind.CALL_TO_ACTION, BlockKind.PROMOTION, BlockKind.COPYRIGHT,
                    BlockKind.IMAGE_CREDIT, BlockKind.CONTACT))  # fmt: skip
_SHORT = 150
#: Where the article ends on these, they are what follows it.
_TAIL = _NOISE | {BlockKind.DISCLAIMER, BlockKind.AUTHOR_FOOTER, BlockKind.EDITORIAL_NOTE}


def choose_lines(found: Sequence[Line]) -> list[bool]:
    """For each line of a dump whether it is part of the body."""
    if len(found) < _FEW:
        return rules.choose_lines(found)
    texts = [line.text for line in found]
    chosen = select(_model("lines").probability(signals.line_features(found)), texts)
    chosen &= ~_noise(texts)
    _trim(chosen, texts)
    return [bool(each) for each in chosen] if chosen.any() else rules.choose_lines(found)


def choose_pieces(found: Sequence[Piece], said: Metadata, tree: html.HtmlElement) -> list[bool]:
    """For each piece of a web page whether it is part of the body. Changes the tree."""
    if not found:
        return []
    texts = [piece.text for piece in found]
    verdict = _model("pieces").probability(signals.piece_features(found, said, extract(tree)))
    return [bool(each) for each in select(verdict, texts) & ~_noise(texts)]


def extract(tree: html.HtmlElement) -> str:
    """What trafilatura takes for the article, as one witness among others."""
    text = trafilatura.extract(tree, favor_precision=True, fast=True, include_comments=False)
    return text if isinstance(text, str) else ""


def select(verdict: Vector, texts: Sequence[str]) -> NDArray[np.bool_]:
    """The blocks that together promise the best balance of what is found and what is right.

    On a page the model is sure of this is the half; on a page it doubts, doubtful blocks are taken too,
    for an article is there somewhere.
    """
    sizes = np.fromiter((text.count(" ") + 1.5 for text in texts), dtype=np.float64, count=len(texts))
    order = np.argsort(-verdict, kind="stable")
    hits = np.cumsum((verdict * sizes)[order])
    taken = np.cumsum(sizes[order])
    best = int((2 * hits / (taken + (verdict * sizes).sum() + 1e-9)).argmax())
    chosen: NDArray[np.bool_] = verdict >= min(0.5, max(float(verdict[order[best]]), _LEAST))
    return chosen


def _trim(chosen: NDArray[np.bool_], texts: Sequence[str]) -> None:
    """Take from the end what its first words name as noise; a notice of rights may be long."""
    for row in np.flatnonzero(chosen)[::-1].tolist():
        kind = phrases.opening(texts[row])
        if kind not in _TAIL or (len(texts[row]) > 2 * _SHORT and kind is not BlockKind.DISCLAIMER):
            return
        chosen[row] = False


def _noise(texts: Sequence[str]) -> NDArray[np.bool_]:
    out = np.fromiter(
        (len(text) < _SHORT and phrases.opening(text) in _NOISE for text in texts),
        dtype=np.bool_,
        count=len(texts),
    )
    for begin, end in offers(texts):
        out[begin:end] = True
    return out


@lru_cache(maxsize=2)
def _model(name: str) -> Trees:
    return Trees.load(f"{name}.npz")
