"""Article text out of plain text or markdown: whole-page dumps, and text known to be the article."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from services.enrich.clean import choice, header, language
from services.enrich.clean.blocks import Candidate, is_sentence, settle
from services.enrich.clean.choice import Verdict
from services.enrich.clean.lines import Line, lines
from services.enrich.clean.page import Page
from services.errors import ArticleRejected, Reason
from services.models import Block, BlockKind

_WRAP = (45, 110)  # editors and mailers break lines at 60 to 100 characters
_SPACE = re.compile(r"\s+")


def clean_plain(text: str) -> tuple[Block, ...]:
    """Paragraphs of a text that is known to be the article, nothing cut."""
    return tuple(Block(kind=_shape(line), text=line.text) for line in _joined(lines(text)))


def clean_dump(text: str) -> Page:
    """The article in a dump of its whole page."""
    found = _joined(lines(text))
    if not found:
        raise ArticleRejected(Reason.NO_TEXT, "the text has no words")
    verdicts = choice.choose_lines(found)
    candidates = [
        Candidate(
            line.text,
            shape=_shape(line),
            linked=line.linked / max(1, len(line.text)),
            kept=verdict is Verdict.BODY,
            kind=BlockKind.COMMENT if verdict is Verdict.COMMENT else None,
        )
        for line, verdict in zip(found, verdicts, strict=True)
    ]
    if Verdict.BODY not in verdicts:
        raise ArticleRejected(Reason.NO_TEXT, "no block of the text reads like an article")
    top = header.read(candidates, [line.heading for line in found])
    blocks = settle(candidates)
    body = "\n".join(block.text for block in blocks if block.kept)
    return Page(
        blocks=blocks,
        headline=top.headline,
        standfirst=top.standfirst,
        byline=top.byline,
        authors=top.authors,
        published=top.published,
        updated=top.updated,
        language=language.detect(body),
        source=top.source,
        original_source=top.original_source,
        subjects=tuple(top.subjects),
        keywords=tuple(top.keywords),
    )


def _shape(line: Line) -> BlockKind:
    if line.heading:
        return BlockKind.HEADING
    if line.table:
        return BlockKind.TABLE
    if line.quote:
        return BlockKind.QUOTE
    if line.bullet:
        return BlockKind.LIST_ITEM
    if len(line.text) <= 80 and not is_sentence(line.text) and len(line.text.split()) <= 12:
        return BlockKind.HEADING
    return BlockKind.PARAGRAPH


def _joined(found: Sequence[Line]) -> list[Line]:
    """Lines with hard wrapping undone, where a text is wrapped at all."""
    width = _wrap_width(found)
    if width is None:
        return list(found)
    out: list[Line] = []
    last = 0  # length of the previous line as it stood
    for line in found:
        if out and _continues(out[-1], last, line, width):
            head = out[-1]
            out[-1] = replace(
                head,
                text=f"{head.text.removesuffix('­')}{'' if head.text.endswith('­') else ' '}{line.text}",
                linked=head.linked + line.linked,
                links=head.links + line.links,
                strong=head.strong + line.strong,
            )
        else:
            out.append(line)
        last = len(line.text)
    return out


def _wrap_width(found: Sequence[Line]) -> int | None:
    """The column a text is wrapped at, when it is: long lines all end just before it, mid-sentence."""
    sizes = sorted(len(line.text) for line in found if len(line.text) >= _WRAP[0])
    if len(sizes) < 2 or sizes[-1] > _WRAP[1]:
        return None
    width = sizes[-1]
    runs = [
        (first, second)
        for first, second in pairwise(found)
        if second.gap == 0 and len(first.text) > width * 0.75
    ]
    open_ended = sum(not is_sentence(first.text) for first, _ in runs)
    return width if len(runs) >= 2 and open_ended * 2 > len(runs) else None


def _continues(head: Line, last: int, line: Line, width: int) -> bool:
    if (
        line.gap
        or line.bullet
        or line.heading
        or line.table
        or head.heading
        or head.table
        or line.quote != head.quote
    ):
        return False
    word = line.text.split(" ", 1)[0]
    return last + 1 + len(word) > width * 0.92 or (last > width * 0.6 and line.text[0].islower())
