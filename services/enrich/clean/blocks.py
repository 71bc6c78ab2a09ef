"""The rules that name blocks, the same for web pages and text dumps."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.enrich.clean import phrases
from services.models import Block, BlockKind

#: How many blocks one advertisement may have between two offers: a book's blurb before its price.
_SANDWICH = 12
#: Kinds that name a field of the article; only what stands around the head of the article is one.
_FIELDS = frozenset((BlockKind.BYLINE, BlockKind.DATE, BlockKind.METADATA))
_ARTICLE = frozenset(
    (BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.LIST_ITEM, BlockKind.QUOTE, BlockKind.TABLE,
     BlockKind.CAPTION, BlockKind.FACT_BOX, BlockKind.EMBED)
)  # fmt: skip


@dataclass(slots=True)
class Candidate:
    """A block before its kind is settled."""

    text: str
    shape: BlockKind = BlockKind.PARAGRAPH  # what markup or layout say it is
    linked: float = 0.0  # share of its characters inside links
    kept: bool = False
    kind: BlockKind | None = None  # set where something knows better than the phrases


def is_sentence(text: str) -> bool:
    """Whether a text ends like prose does, in any script."""
    return text.rstrip("\"'”’»)]“ ").endswith(
        (".", "!", "?", "…", "。", "！", "？", "।", "؟", "۔", "။", ":", "：", ";")
    )


def name_noise(text: str, *, linked: float, shape: BlockKind = BlockKind.PARAGRAPH) -> BlockKind:
    """What a block is that is no part of the body."""
    kind = phrases.opening(text) or phrases.inside(text)
    if kind is not None:
        return kind
    if shape in (BlockKind.CAPTION, BlockKind.EMBED, BlockKind.TABLE, BlockKind.FACT_BOX):
        return shape
    if len(text) > 60 and (kind := phrases.notice(text)) is not None:
        return kind
    if linked > 0.5:
        return BlockKind.NAVIGATION if len(text) < 40 else BlockKind.RELATED
    if len(text) < 40 and not is_sentence(text):
        return BlockKind.NAVIGATION
    return BlockKind.OTHER


def offers(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Stretches that advertise one thing for sale: from one offer to the next, when they stand close."""
    found: list[tuple[int, int]] = []
    marks = [position for position, text in enumerate(texts) if phrases.is_offer(text)]
    for mark in marks:
        if found and mark - found[-1][1] < _SANDWICH:
            found[-1] = (found[-1][0], mark + 1)
        else:
            found.append((mark, mark + 1))
    return [(begin, end) for begin, end in found if end - begin > 1]


def settle(candidates: Sequence[Candidate]) -> tuple[Block, ...]:
    """Blocks with their final kinds; what stays nameless between promotions is promotion."""
    kinds = [
        item.kind
        or (item.shape if item.kept else name_noise(item.text, linked=item.linked, shape=item.shape))
        for item in candidates
    ]
    for begin, end in offers([item.text for item in candidates]):
        for position in range(begin, end):
            if not candidates[position].kept and kinds[position] is not BlockKind.IMAGE_CREDIT:
                kinds[position] = BlockKind.PROMOTION
    body = [position for position, item in enumerate(candidates) if item.kept]
    if body:
        for position in range(body[-1] + 1, len(candidates)):
            if kinds[position] in _FIELDS and candidates[position].kind is None:
                kinds[position] = (
                    BlockKind.OTHER if kinds[position] is BlockKind.METADATA else BlockKind.AUTHOR_FOOTER
                )
    runs: list[tuple[BlockKind, list[str], bool]] = []
    for item, named in zip(candidates, kinds, strict=True):
        plain = not item.kept and named in (BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.LIST_ITEM)
        kind = BlockKind.OTHER if plain else named
        if runs and kind is BlockKind.NAVIGATION and runs[-1][0] is kind and not item.kept:
            runs[-1][1].append(item.text)  # a menu is one block, not a hundred
        else:
            # Notes for screen readers are cut from what people read and other services quote.
            text = phrases.without_link_notes(item.text) if item.kept else item.text
            runs.append((kind, [text], item.kept))
    return tuple(Block(kind=kind, text="\n".join(texts), kept=kept) for kind, texts, kept in runs)
