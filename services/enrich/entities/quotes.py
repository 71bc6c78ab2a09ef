"""Quotations: where they are and who is quoted.

A quotation is text between quotation marks of any style that somebody is said to have said. Words in
quotation marks for irony or as a title are none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_VERBS = (
    "said|says|say|saying|told|tells|added|adds|explained|explains|stated|states|noted|notes|announced|announces|"
    "claimed|claims|insisted|insists|argued|argues|warned|warns|wrote|writes|tweeted|posted|replied|replies|"
    "answered|asked|asks|continued|continues|concluded|concludes|recalled|recalls|remarked|declared|declares|"
    "admitted|admits|acknowledged|confirmed|confirms|denied|denies|stressed|stresses|emphasi[sz]ed|underlined|"
    "pointed out|joked|quipped|shouted|yelled|whispered|muttered|cried|urged|urges|predicted|predicts|"
    "suggested|suggests|observed|reported|reports|responded|responds|promised|vowed|pledged|complained|lamented|boasted|"
    "reiterated|repeated|testified|commented|called|described|thinks|thought|believes|believed|according to|"
    "went on|goes on|put it|spoke|agreed|agrees|estimated|maintained|mused|reflected|read|reads"
)
VERB = re.compile(rf"\b(?:{_VERBS})\b", re.IGNORECASE)
_OPENING = {
    "“": "”",
    "„": "“”",
    "«": "»",
    "»": "«",
    "‹": "›",
    '"': '"',
    "”": "”",
    "「": "」",
    "『": "』",
    "‘": "’",
    "'": "'",
}
_STRONG = re.compile(r"[“”„«»\"「」『』]")
_SINGLE = re.compile(r"(?<![\w])['‘](?=[\w\"“])|(?<=[\w.,!?…])['’](?!\w)")
_PARAGRAPH = re.compile(r"\n+")


@dataclass(frozen=True, slots=True)
class Quoted:
    """Text between quotation marks; ``start`` and ``end`` are inside the marks."""

    start: int
    end: int
    open_start: bool = False  # continues the paragraph before


def quoted(text: str) -> list[Quoted]:
    """Everything in quotation marks, in order, outermost only."""
    found: list[Quoted] = []
    continued = False
    for start, end in _paragraph_spans(text):
        continued = _in_paragraph(text, start, end, found, continued=continued)
    return found


def _paragraph_spans(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for gap in _PARAGRAPH.finditer(text):
        spans.append((start, gap.start()))
        start = gap.end()
    spans.append((start, len(text)))
    return [(a, b) for a, b in spans if b > a]


def _in_paragraph(text: str, start: int, end: int, found: list[Quoted], *, continued: bool) -> bool:
    """Adds a paragraph's quotations; says whether its last one goes on in the next paragraph."""
    marks = [m.start() for m in _STRONG.finditer(text, start, end)]
    if not marks:
        marks_single = [m.start() for m in _SINGLE.finditer(text, start, end)]
        _pair_single(text, marks_single, found)
        return False
    opened: int | None = None
    closers = ""
    depth_mark = ""
    for at in marks:
        mark = text[at]
        if opened is None:
            if mark == '"' and not _may_open(text, at, start):
                continue
            if mark == "”" and not _may_open(text, at, start):
                continue
            if mark in _OPENING:
                opened, closers, depth_mark = at, _OPENING[mark], mark
        elif mark in closers and (mark != depth_mark or _may_close(text, at, end)):
            if at > opened + 1:
                found.append(Quoted(opened + 1, at, continued and opened == start))
            opened = None
    if opened is None:
        return False
    # Never closed: either the quotation goes on in the next paragraph, or the mark was a slip.
    following = text[end : end + 6].lstrip("\n \t")
    if following[:1] and following[0] == text[opened] and end > opened + 1:
        found.append(Quoted(opened + 1, end, continued and opened == start))
        return True
    return False


def _may_open(text: str, at: int, start: int) -> bool:
    before = text[at - 1] if at > start else " "
    after = text[at + 1 : at + 2]
    return not (before.isalnum() or before in ".,!?") and bool(after) and not after.isspace()


def _may_close(text: str, at: int, end: int) -> bool:
    # A straight mark with a space before and a word after opens a quotation within the quotation.
    after = text[at + 1] if at + 1 < end else " "
    return not (after.isalnum() and text[at - 1].isspace())


def _pair_single(text: str, marks: Sequence[int], found: list[Quoted]) -> None:
    """British style: 'Like this,' she said. An apostrophe is no mark."""
    opened: int | None = None
    for at in marks:
        opens = (
            not (at and text[at - 1].isalnum())
            and text[at + 1 : at + 2].strip() != ""
            and (not at or text[at - 1] not in ".,!?…")
        )
        if opens and opened is None:
            opened = at
        elif not opens and opened is not None:
            # "the workers' pay" does not close, when a mark that follows punctuation does later.
            if text[at - 1] == "s" and _closes_later(text, at, marks):
                continue
            found.append(Quoted(opened + 1, at))
            opened = None


def _closes_later(text: str, at: int, marks: Sequence[int]) -> bool:
    later = next((m for m in marks if m > at), None)
    return later is not None and text[later - 1] in ".,!?…"
