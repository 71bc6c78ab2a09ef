"""The dateline at the start of a story: "SEOUL, Nov 26 (Test Wire) - Samsung has …".

Only patterns that hold an agency mark, a date, or capitals before a dash count: a wrong place is
worse than none.
"""

import re

from services.models import Dateline

_DASH = r"(?:--|[-–—_:]|\.\s*-)"
# A word, then separator and word: no two ways to match the same text, so no backtracking to speak of.
_WORD = r"[^\W\d_][\w.'’-]*"
_PLACE = rf"{_WORD}(?:(?:,? |/){_WORD}){{0,5}}?(?!\w)"
_CAPITALS = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’]+"
_UPPER = rf"{_CAPITALS}(?:[ /-]{_CAPITALS}){{0,4}}(?:, [A-Z][\w.]+){{0,2}}(?!\w)"
_AGENCY = r"(?:[A-Z][^()\d]{1,40}|[a-z]{2,6}|[^()\x00-\x7f][^()\d]{1,30})"
_PARTICLES = frozenset("de la le of am an der den upon sur del di do da al el the".split())  # noqa: SIM905
_DATE = r"[^\W\d_]{3,9}\.?\s?\d{1,2}(?:,? \d{4})?\.?|\d{1,2}\.?\s?[^\W\d_]{3,9}\.?(?: \d{4})?"
# SYDNEY, AAP - … but not "ALBANY, NSW": states are left.
_AGENCY_AFTER = re.compile(r",\s*(?!(?:USA|UAE|NSW|QLD|VIC|TAS|ACT)$)[A-Z]{3,6}$")
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # (ANSA) - ROME, JUL 11 -
        rf"^\([^()]{{2,30}}\)\s*{_DASH}\s*(?P<place>{_PLACE})(?:,\s*(?:{_DATE}))?\s*{_DASH}\s",
        # SEOUL, Nov 26 (Agency) -   Berlin (dpa) -   Geneva/Berlin (dpa) –
        rf"^(?P<place>{_PLACE}),?(?:\s*(?:{_DATE}),?)?\s*\({_AGENCY}\)\s*{_DASH}\s",
        # MOSCOW, January 21. /TASS/.
        rf"^(?P<place>{_PLACE}),?\s*(?:(?:{_DATE}),?)?\s*/[^/]{{2,20}}/[.,]?\s*{_DASH}?\s",
        # SEOUL, Nov 26 AFP -
        rf"^(?P<place>{_UPPER}),\s*(?:{_DATE}),?(?:\s+[A-Z][\w.]{{1,12}})?\s*{_DASH}\s",
        # NEWHAVEN, Conn. -   CHATHAM -
        rf"^(?P<place>{_UPPER})\s+(?:--|[–—-])\s",
    )
)


def dateline_of(text: str) -> Dateline | None:
    """The dateline ``text`` starts with, if it plainly has one."""
    start = " ".join(text[:160].split()) + " "
    for pattern in _PATTERNS:
        if (found := pattern.match(start)) and (place := _place(found.group("place"))):
            return Dateline(text=place)
    return None


def _place(text: str) -> str | None:
    text = _AGENCY_AFTER.sub("", text.strip(" ,"))
    words = re.findall(r"[^\W\d_][^\s,/-]*", text)
    if not 2 <= len(text) <= 60 or not words or not words[0][0].isupper() or len(words) > 6:
        return None
    return text if all(word[0].isupper() or word in _PARTICLES for word in words) else None


def place_in(text: str) -> str | None:
    """The place in a field that is a dateline: "Strasbourg, 10 juil 2024 (AFP)" → "Strasbourg"."""
    text = " ".join(text[:200].split())
    text = re.sub(r"\s*\([^()]*\)|\s*/[^/]{2,20}/", " ", text)
    text = re.sub(r"[\s,]+\d{4}-\d\d-\d\d$", "", text.strip())
    text = re.sub(rf",?\s*\b(?:{_DATE})(?:\s+[A-Z]{{2,6}})?\s*$", "", text.strip(" -–—:,._"))
    text = " ".join(text.split()).strip(" -–—:,")
    return (
        text if len(text) >= 2 and not re.match(r"[\d\W]", text) and not re.fullmatch(_DATE, text) else None
    )
