"""The dateline at the start of a story: "SEOUL, Nov 26 (Test Wire) - Samsung has …".

Only patterns that hold an agency mark, a date, or capitals before a dash count: a wrong place is
worse than none.
"""

import re

from services.models import Dateline

_DASH = r"(?:--|[-–—_:]|\.\s*-)"
_PLACE = r"(?:[^\W\d_][\w.'’/-]*(?:[ ]|,[ ]|/)?){1,6}"
_AGENCY = r"(?:[A-Z][^()\d]{1,40}|[a-z]{2,6}|[^()\x00-\x7f][^()\d]{1,30})"
_PARTICLES = {
    "de",
    "la",
    "le",
    "of",
    "am",
    "an",
    "der",
    "den",
    "upon",
    "sur",
    "del",
    "di",
    "do",
    "da",
    "al",
    "el",
    "the",
    "d'",
}
_UPPER = r"(?:[^\W\d_a-zß-öø-ÿ][^\W\d_a-zß-öø-ÿ.'’/-]+(?:[ /-](?=[^\W\d_a-z]))?)+(?:,? [^\W\d_][\w.]+){0,3}?"
_DATE = r"[^\W\d_]{3,9}\.?\s?\d{1,2}(?:,? \d{4})?\.?|\d{1,2}\.?\s?[^\W\d_]{3,9}\.?(?: \d{4})?"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # (ANSA) - ROME, JUL 11 -
        rf"^\([^()]{{2,30}}\)\s*{_DASH}\s*(?P<place>{_PLACE}?)(?:,\s*(?:{_DATE}))?\s*{_DASH}\s",
        # SEOUL, Nov 26 (Agency) -   Berlin (dpa) -   Geneva/Berlin (dpa) –
        rf"^(?P<place>{_PLACE}?),?(?:\s*(?:{_DATE}),?)?\s*\({_AGENCY}\)\s*{_DASH}\s",
        # MOSCOW, January 21. /TASS/.
        rf"^(?P<place>{_PLACE}?),?\s*(?:(?:{_DATE}),?)?\s*/[^/]{{2,20}}/[.,]?\s*{_DASH}?\s",
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
    text = text.strip(" ,")
    words = re.findall(r"[^\W\d_][^\s,/-]*", text)
    if not 2 <= len(text) <= 60 or not words or not words[0][0].isupper() or len(words) > 6:
        return None
    return text if all(word[0].isupper() or word in _PARTICLES for word in words) else None
