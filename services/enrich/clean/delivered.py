"""What stands in and under a body that a feed or an agency delivered as the article itself.

Such a body is trusted: only blocks that name themselves as something else are cut, by their first
words, and at the end by what publishing systems append. Nothing here judges prose.
"""

import re
from collections.abc import Sequence

from services.enrich.clean import phrases
from services.enrich.clean.blocks import is_sentence
from services.enrich.clean.comments import is_heading
from services.models import Block, BlockKind

_SHORT = 160
_STUB = 24  # the name of a network or a menu's word; cut only together with what it hangs on
_ARTICLE = frozenset((BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.LIST_ITEM))
#: Anywhere in a body; a paragraph of the story may well open with the words of other kinds.
_ANYWHERE = frozenset((BlockKind.RELATED, BlockKind.PROMOTION))
_TAIL = _ANYWHERE | {
    BlockKind.COPYRIGHT,
    BlockKind.DISCLAIMER,
    BlockKind.AUTHOR_FOOTER,
    BlockKind.CALL_TO_ACTION,
    BlockKind.CONTACT,
}
_EMBARGO = re.compile(
    r"(?:strict(?:ly)? )?embargo(?:ed)?\b(?=[:\s].{0,40}(?:until|till|release|before|\d))|"
    r"(?:not|hold) for (?:release|publication)\b|sperrfrist\b|sous embargo\b|embargo hasta\b",
    re.IGNORECASE,
)
_APPENDED = (
    (
        re.compile(r"\bappeared first on\b|\bfirst (?:appeared|published) (?:on|in|at)\b", re.IGNORECASE),
        BlockKind.COPYRIGHT,
    ),
    (
        re.compile(r"\bfunded by (?:its|our) readers\b|\bdonate (?:here|now|today)\b", re.IGNORECASE),
        BlockKind.CALL_TO_ACTION,
    ),
    (re.compile(r"^like this:|\blike loading\b", re.IGNORECASE), BlockKind.CALL_TO_ACTION),  # WordPress
    (re.compile(r"\bfollow .{0,60}\b(?:channel|page) for\b", re.IGNORECASE), BlockKind.CALL_TO_ACTION),
    # An agency's name alone: "(Southern Wire)", "/ritzau/", "(AFP)".
    (re.compile(r"[(/–-] ?(?:[A-Z][\w.&-]*|ritzau)(?: [A-Z][\w.&-]*){0,3} ?[)/]?"), BlockKind.COPYRIGHT),
)


def trimmed(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The same blocks, those that are no part of the story labelled and no longer kept."""
    named = [_named(block) for block in blocks]
    end = len(named)
    for position in range(len(named) - 1, 0, -1):
        block = named[position]
        if not block.kept or (kind := _tail_kind(block)) is None:
            if not block.kept or _is_stub(block):
                continue
            break
        for each in range(position, end):
            if named[each].kept:
                named[each] = _cut(named[each], kind)
        end = position
    return tuple(named)


def _named(block: Block) -> Block:
    if not block.kept or block.kind not in _ARTICLE or len(block.text) > _SHORT:
        return block
    if _EMBARGO.match(block.text.lstrip("*- ")):
        return _cut(block, BlockKind.EDITORIAL_NOTE)
    kind = phrases.opening(block.text)
    return _cut(block, kind) if kind in _ANYWHERE else block


def _tail_kind(block: Block) -> BlockKind | None:
    if block.kind not in _ARTICLE or len(block.text) > 2 * _SHORT:
        return None
    kind = phrases.opening(block.text)
    if kind in _TAIL:
        return kind
    if is_heading(block.text):
        return BlockKind.COMMENT
    *inside, (signature, signed) = _APPENDED
    if signature.fullmatch(block.text.strip()):
        return signed
    return next((kind for words, kind in inside if words.search(block.text)), None)


def _is_stub(block: Block) -> bool:
    return len(block.text) <= _STUB and not is_sentence(block.text) and block.kind is not BlockKind.HEADING


def _cut(block: Block, kind: BlockKind) -> Block:
    return Block(kind=kind, text=block.text, kept=False)
