"""Where a name begins and ends, and which spans are several names or none."""

import re

from services.enrich.entities.first_names import first_names
from services.enrich.entities.gazetteer import Gazetteer
from services.enrich.entities.lexicon import Lexicon
from services.enrich.entities.name import Label, Name
from services.enrich.entities.prior import ORG_WORD, weighty
from services.enrich.entities.titles import INSIDE, LEADING, ONLY, TRAILING

_EDGE = " \t\r\n\xa0\"'“”‘’«»„‟()[]{}<>*_~#|•·–—-,;:!?/\\&"
_DETERMINER = re.compile(r"(?:the|a|an|this|that|these|those|his|her|its|their|our)\s+", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s?$|\s['’]s$")
_YEAR = re.compile(r"\s+(?:of|in)\s+\d{4}$")
_NUMERAL = re.compile(r"\s(?:I|II|III|IV|V|VI|VII|VIII|IX|X|XI|XII|XIII|XIV|XV|XVI|XXIII)\b")
_OF_REGION = re.compile(r"\s+(?:of|and)\s+(?:the\s+)?[^\W\d_a-z][\w-]+")
_NICKNAME = re.compile(r"\s+[\"“'‘(][^\W\d_a-z][\w-]{1,14}[\"”'’)]\s+[^\W\d_a-z][\w'’-]+")
_WORD_BEFORE = re.compile(r"(?<![\w.])([^\W\d_a-z][^\W\d_A-Z]+) $")
_TEAM = re.compile(r" [A-Z][a-z]{3,}s\b(?! [A-Z])")
_NO_TEAM = re.compile(
    r" (?:Republicans|Democrats|Conservatives|Liberals|Senators?|Gazettes?|Islands|Hills|Falls|Heights)\b"
)
_SENTENCE = re.compile(r"(?<=[^\W\d_]{3})\.\s+(?=[^\W\d_a-z])")
_BULLET = re.compile(r"\s*[•|·]\s*|\s+[–—-]\s+|\n")
_COMMA = re.compile(r"\s*[,/]\s*")
_AND = re.compile(r"\s+(?:and|&|und|et|y)\s+")
_WORD = re.compile(r"[^\W\d_]+")
_PARTY = re.compile(r"[DRI]-[A-Z][\w.]*")  # "D-Mass."
_DIRECTION = re.compile(
    r"(?:(?:north|south|east|west|northern|southern|eastern|western|central)[- ]?)+(?:area|side|coast|end)?",
    re.IGNORECASE,
)


def names_in(text: str, name: Name, gazetteer: Gazetteer, lexicon: Lexicon) -> list[Name]:
    """The one or more names that a recognised span really is; none when it is no name."""
    if not name.trusted and name.label is Label.PERSON and ORG_WORD.search(name.text.rsplit(" ", 1)[-1]):
        name = Name(name.start, name.end, name.text, Label.ORG)  # "Bishop Garrigan High School"
    found = []
    for part in _parts(text, name, gazetteer):
        for piece in _split_title(text, part):
            trimmed = trim(text, piece)
            if trimmed and not _is_none(text, trimmed):
                found += _split_people(text, _extended(text, trimmed, gazetteer), gazetteer, lexicon)
    return found


def trim(text: str, name: Name) -> Name | None:
    """``name`` without determiner, quotes, possessive, and without its title if a person."""
    start, end = name.start, name.end
    while True:
        while start < end and text[start] in _EDGE:
            start += 1
        while end > start and text[end - 1] in _EDGE:
            end -= 1
        piece = text[start:end]
        if (found := _DETERMINER.match(piece)) and found.end() < len(piece):
            start += found.end()
        elif ((found := _POSSESSIVE.search(piece)) and found.start() > 0) or (found := _YEAR.search(piece)):
            end = start + found.start()
        elif name.label is Label.PERSON and (found := LEADING.match(piece)):
            start += found.end()
        elif name.label is Label.PERSON and (found := TRAILING.search(piece)):
            end = start + found.start()
        else:
            break
    if not any(character.isalnum() for character in piece):
        return None
    return Name(start, end, piece, name.label, name.trusted)


def _parts(text: str, name: Name, gazetteer: Gazetteer) -> list[Name]:
    """Cuts what runs over a full stop, a bullet, or the comma between two places or people."""
    if name.trusted:
        return [name]
    cuts = [match.span() for match in _SENTENCE.finditer(name.text)]
    cuts += (match.span() for match in _BULLET.finditer(name.text))
    if name.label.is_place and not gazetteer.lookup(name.text):
        cuts += (match.span() for match in _COMMA.finditer(name.text))
    if name.label is Label.PERSON:
        cuts += (match.span() for match in _COMMA.finditer(name.text))
        cuts += (match.span() for match in _AND.finditer(name.text))
    if not cuts:
        return [name]
    parts, start = [], 0
    for left, right in [*sorted(cuts), (len(name.text), len(name.text))]:
        if left > start:
            a, b = name.start + start, name.start + left
            parts.append(Name(a, b, text[a:b], name.label))
        start = max(start, right)
    return parts


def _split_title(text: str, name: Name) -> list[Name]:
    """Takes apart what is an organisation, a title and a person in one."""
    if name.trusted or name.label not in (Label.ORG, Label.PERSON, Label.OTHER, Label.NORP, Label.GPE):
        return [name]
    found = INSIDE.match(name.text)
    if not found or ORG_WORD.search(found["name"]):
        return [name]
    start = name.start + found.start("name")
    parts = [Name(start, name.end, text[start : name.end], Label.PERSON)]
    before = name.start + found.end("before")
    if ORG_WORD.search(found["before"]):
        parts.insert(0, Name(name.start, before, text[name.start : before], Label.ORG))
    return parts


def _split_people(text: str, name: Name, gazetteer: Gazetteer, lexicon: Lexicon) -> list[Name]:
    """Takes "Syrian Raqqa" apart, a people and a place; "British-American" is one word for two peoples."""
    if name.label is Label.NORP and text[name.end : name.end + 1] == "-":
        found = _WORD.match(text, name.end + 1)
        if found and (known := lexicon.find(found.group())) and known.label is Label.NORP:
            return [Name(name.start, found.end(), text[name.start : found.end()], Label.NORP, trusted=True)]
    if name.trusted or name.label not in (Label.ORG, Label.LOC, Label.GPE, Label.OTHER, Label.NORP):
        return [name]
    first, _, rest = name.text.partition(" ")
    known = lexicon.find(first)
    if not rest or not known or known.label is not Label.NORP or gazetteer.lookup(name.text):
        return [name]
    if lexicon.find(name.text) or not any(map(weighty, gazetteer.lookup(rest))):
        return [name]
    cut = name.start + len(first)
    start = name.end - len(rest)
    return [Name(name.start, cut, first, Label.NORP), Name(start, name.end, rest, Label.GPE)]


def _extended(text: str, name: Name, gazetteer: Gazetteer) -> Name:
    """With what belongs to it but was left out: "Carlos" I, "Gulf" of Mexico, "Texas" Longhorns."""
    start, end, label = name.start, name.end, name.label
    if label is Label.PERSON:
        if (" " not in name.text and (found := _NUMERAL.match(text, end))) or (
            found := _NICKNAME.match(text, end)
        ):
            end = found.end()
        before = _WORD_BEFORE.search(text, max(0, start - 16), start)
        if before and before[1] in first_names() and name.text.split(" ")[0] not in first_names():
            start = before.start(1)
    elif label is Label.GPE and (found := _TEAM.match(text, end)) and not _NO_TEAM.match(text, end):
        end, label = found.end(), Label.ORG
    elif label.is_place and (found := _OF_REGION.match(text, end)):
        places = gazetteer.lookup(text[start : found.end()])
        if any(place.ref.startswith(("region:", "country:")) for place in places):
            end = found.end()
    if (start, end) == (name.start, name.end):
        return name
    return Name(start, end, text[start:end], label, name.trusted)


def _is_none(text: str, name: Name) -> bool:
    """A title alone, a direction, a word without a capital, or a capital that only its place gave."""
    if name.trusted:
        return False
    if name.text.islower() or _PARTY.fullmatch(name.text) or ONLY.fullmatch(name.text):
        return True
    if name.label is Label.LOC and _DIRECTION.fullmatch(name.text):
        # "the West" is a place, "West" on a signpost is none.
        return not (name.text == "West" and text[max(0, name.start - 4) : name.start].lower() == "the ")
    if " " in name.text or name.label.is_place:
        return False
    if name.text == "State" and text[max(0, name.start - 13) : name.start].casefold() == "secretary of ":
        return True
    if name.text.isupper() or not starts_sentence(text, name.start):
        return False
    # "Bravura statements": the same word stands elsewhere without its capital.
    return _holds_word(text, name.text.lower())


def _holds_word(text: str, word: str) -> bool:
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            return True
        at = text.find(word, end)
    return False


def starts_sentence(text: str, at: int) -> bool:
    """Whether the word at ``at`` has its capital from where it stands."""
    before = text[max(0, at - 4) : at].rstrip(" \"'“‘(")
    return not before or before[-1] in ".!?\n:"
