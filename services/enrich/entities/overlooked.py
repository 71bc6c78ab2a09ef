"""Names that the recogniser missed, found by where they stand."""

import re
from collections.abc import Sequence

from services.enrich.entities.first_names import first_names
from services.enrich.entities.gazetteer import Gazetteer
from services.enrich.entities.lexicon import Lexicon
from services.enrich.entities.name import Label, Name
from services.enrich.entities.prior import ORG_WORD, PLACE_WORD

_DIVISION = re.compile(
    r"(?:,\s+|\s*\(\s*)((?:[A-Z]\.\s?){2}|[^\W\d_a-z][\w’'-]*\.?(?: [^\W\d_a-z][\w’'-]*\.?){0,2})"
)
_TWO_WORDS = re.compile(
    r"\b([^\W\d_a-z][^\W\d_A-Z]{1,40}) "
    r"((?:(?:Mc|Mac|O['’]|De|Van)(?=[A-Z]))?[^\W\d_a-z][^\W\d_A-Z]{1,40})\b(?! ?[A-Z])"
)
_COUNTY = re.compile(
    r"\b[^\W\d_a-z][\w'’-]{1,40}(?: [^\W\d_a-z][\w'’-]{1,40})? (?:County|Parish|Township|Province|"
    r"Governorate)\b"
)
_PLACED = re.compile(
    r"\b(?:[Ii]n|[Nn]ear|[Oo]utside|[Tt]hroughout)\s+(?:downtown\s+|nearby\s+|northern\s+|southern\s+|eastern\s+|western\s+)?"
    r"([^\W\d_a-z][\w'’-]{1,40}(?: [^\W\d_a-z][\w'’-]{1,40}){0,2})"
)
_DATELINE = re.compile(
    r"(?:^[ \t(]*|(?<=[.?!] ))"
    r"([^\W\d_a-z][^\W\d_a-z.'’]{0,40}[^\W\d_a-z.](?:[ -][^\W\d_a-z]{2}[^\W\d_a-z'’.]{0,40}){0,3})"
    r"(?=,|\s*\(|\s+[–—-]|\s*/|\s+\d{4})",
    re.MULTILINE,
)
_SIDE = r"([A-Z][\w.'’-]{1,40}(?: [A-Z][\w.'’-]{1,40}){0,3})"
_SCORE = re.compile(rf"\b{_SIDE} \d{{1,3}},? {_SIDE} \d{{1,3}}(?![\w/%:]|[.,]\d)")
#: A capital word follows: what stands here is only the beginning of a name.
GOES_ON = re.compile(r"[ -][^\W\d_a-z]")
_TIMES = {
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    *("Spring", "Summer", "Autumn", "Fall", "Winter", "Christmas", "Easter", "English", "Latin", "God"),
}


def dateline(text: str, gazetteer: Gazetteer) -> list[Name]:
    """The town in capitals that a story begins with, which recognisers take for anything."""
    # A headline and a byline may stand before it.
    for found in _DATELINE.finditer(text, 0, 500):
        # "CRICKET - LEICESTERSHIRE TAKE OVER" is a headline.
        if gazetteer.lookup(found[1]) and any(map(str.islower, text[found.end() : found.end() + 24])):
            return [Name(found.start(1), found.end(1), found[1], Label.GPE, trusted=True)]
    return []


def scores(text: str) -> list[Name]:
    """Two teams and their goals: "Arsenal 2 Chelsea 1"."""
    added = []
    for found in _SCORE.finditer(text):
        if not _TIMES.intersection((*found[1].split(), *found[2].split())):
            added += [Name(*found.span(n), found[n], Label.ORG, trusted=True) for n in (1, 2)]
    return added


def regions(text: str, names: Sequence[Name], lexicon: Lexicon) -> list[Name]:
    """Seas, rivers and regions of several words: "English Channel", "Horn of Africa"."""
    taken = {name.start: name.end for name in names}
    return [
        Name(start, start + len(form), form, Label.LOC, trusted=True)
        for form in lexicon.regions
        if (start := text.find(form)) >= 0
        and taken.get(start) != start + len(form)
        and not text[start - 1 : start].isalnum()
        and not text[start + len(form) : start + len(form) + 1].isalnum()
        and not GOES_ON.match(text, start + len(form))
    ]


def divisions(text: str, names: Sequence[Name], gazetteer: Gazetteer) -> list[Name]:
    """The division behind a town: "Fairfield, Conn.", "Paris (Texas)"."""
    taken = {name.start for name in names}
    added = []
    for name in names:
        if not name.label.is_place and name.label is not Label.PERSON:
            continue
        found = _DIVISION.match(text, name.end)
        if not found or found.start(1) in taken:
            continue
        words = found[1].split()
        for length in range(len(words), 0, -1):
            form = " ".join(words[:length])
            regions = gazetteer.lookup(form)
            if any(place.kind == "admin1" and (place.preferred or "." in form) for place in regions):
                end = found.start(1) + len(form)
                added.append(Name(found.start(1), end, text[found.start(1) : end], Label.GPE))
                break
    return added


def unseen(text: str, names: Sequence[Name], gazetteer: Gazetteer, lexicon: Lexicon) -> list[Name]:
    """Places that were not recognised but stand where places stand: "in Hounslow", "Boone County"."""
    taken = taken_by(text, names)
    added = []
    for found in _COUNTY.finditer(text):
        if not any(taken[found.start() : found.end()]) and gazetteer.lookup(found.group()):
            added.append(Name(found.start(), found.end(), found.group(), Label.GPE))
            taken[found.start() : found.end()] = b"\x01" * len(found.group())
    for found in _PLACED.finditer(text):
        words = found[1].split(" ")
        for length in range(len(words), 0, -1):
            form = " ".join(words[:length]).removesuffix("'s").removesuffix("’s")
            end = found.start(1) + len(form)
            if form in _TIMES or any(taken[found.start(1) : end]) or lexicon.find(form):
                continue
            if any(place.preferred and place.population >= 1_000 for place in gazetteer.lookup(form)):
                added.append(Name(found.start(1), end, form, Label.GPE))
                taken[found.start(1) : end] = b"\x01" * len(form)
                break
    return added


def people(text: str, names: Sequence[Name], gazetteer: Gazetteer) -> list[Name]:
    """A common first name and a capital word behind it: someone who was overlooked."""
    taken = taken_by(text, names)
    added = []
    common = first_names()
    for found in _TWO_WORDS.finditer(text):
        first, last = found.groups()
        if first not in common or any(taken[found.start() : found.end()]):
            continue
        if (
            ORG_WORD.search(last)
            or PLACE_WORD.search(last)
            or last in _TIMES
            or gazetteer.lookup(found.group())
        ):
            continue
        added.append(Name(found.start(), found.end(), found.group(), Label.PERSON))
    return added


def taken_by(text: str, names: Sequence[Name]) -> bytearray:
    """For each character whether a name has it."""
    taken = bytearray(len(text))
    for name in names:
        taken[name.start : name.end] = b"\x01" * (name.end - name.start)
    return taken
