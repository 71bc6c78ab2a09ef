"""Which blocks are the article: a trained verdict on each, and the selection that fits the verdicts best."""

from collections.abc import Sequence
from enum import Enum, auto
from functools import lru_cache
from itertools import pairwise

import numpy as np
import trafilatura
from lxml import etree, html
from numpy.typing import NDArray

from services.enrich.clean import comments, endings, phrases, rules, signals
from services.enrich.clean.blocks import offers
from services.enrich.clean.dom import Piece
from services.enrich.clean.features import Vector
from services.enrich.clean.judge import Judge
from services.enrich.clean.lines import Line
from services.enrich.clean.metadata import Metadata
from services.models import BlockKind

#: Fewer lines than this are no web page with furniture around an article.
_FEW = 20
_LEAST = 0.12  # no block is taken on less, however poor the page
#: Named like this, a block of a line or two is noise whatever stands around it.
_NOISE = frozenset((BlockKind.RELATED, BlockKind.CALL_TO_ACTION, BlockKind.PROMOTION, BlockKind.COPYRIGHT,
                    BlockKind.IMAGE_CREDIT, BlockKind.CONTACT))  # fmt: skip
_SHORT = 150
_STAMP = 60  # characters of a line that says when the story was published and how long it takes to read
_LIST = 40  # lines that a colon may announce
_PART = 12  # characters of a live blog's entry that are not found in menus by chance
#: Where the article ends on these, they are what follows it.
_TAIL = _NOISE | {BlockKind.DISCLAIMER, BlockKind.AUTHOR_FOOTER, BlockKind.EDITORIAL_NOTE}
#: What trafilatura throws away whatever it holds, but only after it has copied the page and searched it.
_UNREAD = ("script", "style", "link", "svg", "nav", "aside", "footer")
#: Pages it must see whole: it loses count in elements nested in their like, keeps a figure for its table, and
#: asks where the headline stands and whether the data call the page a forum.
_TANGLED = etree.XPath(
    "//nav//nav or //aside//aside or //footer//footer or //svg//svg or //figure//table"
    " or /descendant::h1[ancestor::nav or ancestor::aside or ancestor::footer]"
    " or /descendant::script[@type='application/ld+json'][contains(., 'DiscussionForumPosting')]"
)


class Verdict(Enum):
    """What a block is."""

    BODY = auto()
    COMMENT = auto()  # a reader's, however much like the body
    OTHER = auto()


def choose_lines(found: Sequence[Line]) -> list[Verdict]:
    """What each line of a dump is."""
    texts = [line.text for line in found]
    verdicts: list[Verdict] = []
    if len(found) >= _FEW:
        verdicts = settle_lines(_judge("lines").probability(signals.line_features(found)), texts)
    if Verdict.BODY not in verdicts:
        verdicts = [Verdict.BODY if kept else Verdict.OTHER for kept in rules.choose_lines(found)]
    return verdicts


def choose_pieces(found: Sequence[Piece], said: Metadata, tree: html.HtmlElement) -> list[Verdict]:
    """What each piece of a web page is. Changes the tree."""
    if not found:
        return []
    texts = [piece.text for piece in found]
    likely = _judge("pieces").probability(signals.piece_features(found, said, extract(tree)))
    return settle_pieces(likely, texts, said.updates)


def settle_lines(likely: Vector, texts: Sequence[str]) -> list[Verdict]:
    """From how likely each line is part of the body to what it is."""
    chosen, talk = _above_comments(likely, texts)
    chosen &= ~_noise(texts)
    for row in np.flatnonzero(chosen).tolist():
        chosen[row] = not phrases.is_credit(texts[row])
    _trim(chosen[:talk], texts[:talk])
    _fill_lists(chosen[:talk], texts[:talk])
    return _verdicts(chosen, texts, talk)


def settle_pieces(likely: Vector, texts: Sequence[str], updates: Sequence[str] = ()) -> list[Verdict]:
    """The same for the pieces of a web page; ``updates``: what it states as the entries of a live blog."""
    chosen, talk = _above_comments(likely, texts)
    if updates:
        chosen |= _stated(texts, updates)
    return _verdicts(chosen & ~_noise(texts), texts, talk)


def _above_comments(likely: Vector, texts: Sequence[str]) -> tuple[NDArray[np.bool_], int]:
    """The blocks chosen, and the row in which readers begin to sign comments, if anything is left above it.

    Comments are often longer than what they comment on: with them in the balance, the article would be lost.
    """
    talk = comments.signed(texts)
    if 0 < talk < len(texts) and (above := select(likely[:talk], texts[:talk])).any():
        return np.concatenate([above, likely[talk:] >= 0.5]), talk
    return select(likely, texts), len(texts)


def _verdicts(chosen: NDArray[np.bool_], texts: Sequence[str], talk: int) -> list[Verdict]:
    for row in np.flatnonzero(chosen).tolist():
        chosen[row] = phrases.notice(texts[row]) is None
    chosen[endings.end(texts, chosen) :] = False
    talk = min(talk, comments.begin(texts, chosen))
    return [
        Verdict.OTHER if not is_body else Verdict.BODY if row < talk else Verdict.COMMENT
        for row, is_body in enumerate(chosen.tolist())
    ]


def _stated(texts: Sequence[str], updates: Sequence[str]) -> NDArray[np.bool_]:
    """Blocks that are a live blog's entries, or a part of one of some length.

    Source: https://schema.org/LiveBlogPosting, whose ``liveBlogUpdate`` are its text.
    """
    known = {signals.squeezed(update) for update in updates}
    everything = signals.squeezed(" ".join(updates))
    found = [signals.squeezed(text) for text in texts]
    return np.fromiter(
        (key in known or (len(key) > _PART and key in everything) for key in found),
        np.bool_,
        count=len(texts),
    )


def extract(tree: html.HtmlElement) -> str:
    """What trafilatura takes for the article, as one witness among others. Changes the tree."""
    if not _TANGLED(tree):
        etree.strip_elements(tree, *_UNREAD, with_tail=False)
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


def _fill_lists(chosen: NDArray[np.bool_], texts: Sequence[str]) -> None:
    """Add what a line of the body announces with its colon, up to the next: names, scores, products."""
    for before, after in pairwise(np.flatnonzero(chosen).tolist()):
        items = texts[before + 1 : after]
        if len(items) <= _LIST and texts[before].endswith((":", "：")):
            chosen[before:after] |= all(len(item) <= _SHORT and not phrases.opening(item) for item in items)


def _noise(texts: Sequence[str]) -> NDArray[np.bool_]:
    out = np.zeros(len(texts), dtype=np.bool_)
    for row, text in enumerate(texts):
        if len(text) < _SHORT:
            kind = phrases.opening(text)
            stamp = kind is BlockKind.DATE and len(text) < _STAMP and any(map(str.isdigit, text))
            out[row] = stamp or kind in _NOISE
    for begin, end in offers(texts):
        out[begin:end] = True
    return out


@lru_cache(maxsize=2)
def _judge(name: str) -> Judge:
    return Judge.load(name)
