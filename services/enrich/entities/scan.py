"""Place names in a language that has no pipeline: words that the gazetteer knows as sizable places."""

import re

from services.enrich.entities.gazetteer import Candidate, Gazetteer
from services.enrich.entities.name import Label, Name

_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_JOINED = re.compile(r"[ \xa0-]")
_LONGEST = 4
# Han, Kana, Thai, Lao, Khmer, Burmese: no spaces between words.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+")
_LONGEST_RUN = 7


def scan(text: str, gazetteer: Gazetteer) -> list[Name]:
    """Runs of up to four words that name a place; the longest run wins.

    Scripts with capitals must use them. Where no spaces stand between words, runs of characters are
    tried instead.
    """
    words = list(_WORD.finditer(text))
    found: list[Name] = []
    n = 0
    while n < len(words):
        first = words[n].group()
        step = 1
        if _UNSPACED.match(first):
            found += _unspaced(text, words[n].start(), words[n].end(), gazetteer)
        elif not first[0].islower():
            for length in range(min(_LONGEST, len(words) - n), 0, -1):
                start, end = words[n].start(), words[n + length - 1].end()
                gaps = (text[words[m].end() : words[m + 1].start()] for m in range(n, n + length - 1))
                if all(map(_JOINED.fullmatch, gaps)) and any(
                    map(_sizable, gazetteer.lookup(text[start:end]))
                ):
                    found.append(Name(start, end, text[start:end], Label.GPE))
                    step = length
                    break
        n += step
    return found


def _unspaced(text: str, start: int, end: int, gazetteer: Gazetteer) -> list[Name]:
    found = []
    while start < end - 1:
        for stop in range(min(end, start + _LONGEST_RUN), start + 1, -1):
            if any(map(_sizable, gazetteer.lookup(text[start:stop]))):
                found.append(Name(start, stop, text[start:stop], Label.GPE))
                start = stop
                break
        else:
            start += 1
    return found


def _sizable(place: Candidate) -> bool:
    match place.kind:
        case "city":
            return place.population >= (100_000 if place.preferred else 250_000)
        case "admin1" | "admin2":
            return place.population >= 500_000
        case _:
            return True
