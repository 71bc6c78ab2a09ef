"""Place names in a language that has no pipeline: words that the gazetteer knows as sizable places."""

import re

from services.enrich.entities.gazetteer import Candidate, Gazetteer
from services.enrich.entities.name import Label, Name

_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_JOINED = re.compile(r"[ \xa0-]")
_LONGEST = 4


def scan(text: str, gazetteer: Gazetteer) -> list[Name]:
    """Runs of up to four words that name a place; the longest run wins.

    Scripts with capitals must use them. Scripts without spaces between words are only matched where
    punctuation sets a name apart.
    """
    words = list(_WORD.finditer(text))
    found: list[Name] = []
    n = 0
    while n < len(words):
        first = words[n].group()
        step = 1
        if first[0].isupper() or not first[0].islower():
            for length in range(min(_LONGEST, len(words) - n), 0, -1):
                start, end = words[n].start(), words[n + length - 1].end()
                if not all(
                    _JOINED.fullmatch(text[words[m].end() : words[m + 1].start()])
                    for m in range(n, n + length - 1)
                ):
                    continue
                if any(map(_sizable, gazetteer.lookup(text[start:end]))):
                    found.append(Name(start, end, text[start:end], Label.GPE))
                    step = length
                    break
        n += step
    return found


def _sizable(place: Candidate) -> bool:
    match place.kind:
        case "city":
            return place.population >= (100_000 if place.preferred else 250_000)
        case "admin1" | "admin2":
            return place.population >= 500_000
        case _:
            return True
