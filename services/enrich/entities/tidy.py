"""Rules over a whole document: what one mention shows is true of the others.

A recogniser looks at each paragraph alone. A document says more: "Konashenkov" is a person because
"Igor Konashenkov" was one, and "Raqqa" is a place although one sentence reads like a team's name.
"""

import re
from collections import Counter, defaultdict

from services.enrich.entities.fold import fold
from services.enrich.entities.gazetteer import Candidate, Gazetteer
from services.enrich.entities.lexicon import Lexicon
from services.enrich.entities.name import Label, Name, without_overlaps
from services.enrich.entities.titles import INSIDE, LEADING

_EDGE = " \t\r\n\xa0\"'“”‘’«»„‟()[]{}<>*_~#|•·–—-,;:!?/\\"
_DETERMINER = re.compile(r"(?:the|a|an|this|that|these|those|his|her|its|their|our)\s+", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s?$|\s['’]s$")
_CERTAIN_IN = re.compile(
    r"\b(?:in|near|outside|throughout|across)\s+(?:\w+ern\s+|downtown\s+|central\s+)?$", re.IGNORECASE
)
_ORG_WORD = re.compile(
    r"\b(?:ministry|department|dept|office|agency|council|committee|commission|party|army|forces?|corps|navy|"
    r"police|university|college|school|institute|bank|company|group|association|society|union|league|club|"
    r"court|senate|parliament|assembly|board|authority|foundation|centre|center|hospital|church|team|news|"
    r"times|post|press|inc|ltd|corp|co|plc|llc|gmbh|federation|organi[sz]ation|bureau|service|services|"
    r"administration|government|front|brigades?|battalion|regiment|division|squad|fc|united|city|rovers)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_CAPITALS = re.compile(r"\b[A-Z](?:[A-Z]|\.(?=[A-Z])|-(?=[A-Z])){1,7}\.?(?![\w])")
_IN_BRACKETS = re.compile(r"\s*\(\s*(?:the\s+|or\s+)?[\"“'‘]?([A-Z][A-Za-z.&-]{1,9})[\"”'’]?\s*[),;]")
_DIVISION = re.compile(
    r"(?:,\s+|\s*\(\s*)((?:[A-Z]\.\s?){2}|[^\W\d_a-z][\w’'-]*\.?(?: [^\W\d_a-z][\w’'-]*\.?){0,2})"
)
# Acronyms that capitals alone do not make certain.
_WORDS_TOO = {"IS", "WHO", "US", "AU", "EC", "AP", "IRA", "ETA", "ISI", "RIA", "LET", "SEC", "RSF", "LRA"}
_YEAR = re.compile(r"\s+(?:of|in)\s+\d{4}$")
_GROUP_NAME = re.compile(
    r"\b(?:liberation (?:front|army|movement)|democratic forces|brigades?|militias?|rebels?|insurgents?|"
    r"jihad|freedom fighters|mujahideen|cartel|mafia|gang|guerrillas?|resistance)\b",
    re.IGNORECASE,
)


def tidy(text: str, names: list[Name], gazetteer: Gazetteer, lexicon: Lexicon) -> list[Name]:
    """The names of a document after all rules, sorted and free of overlaps."""
    names = [part for name in names for part in _split_title(text, name)]
    names = [trimmed for name in names if (trimmed := trim(text, name))]
    names = [part for name in names for part in _split_people(text, name, gazetteer, lexicon)]
    names = [name for name in names if not _accidental(text, name)]
    for name in names:
        _prior(text, name, gazetteer, lexicon)
    names = without_overlaps(names)
    _agree(names)
    _surnames(text, names)
    names += _acronyms(text, names, lexicon)
    names += _qualifiers(text, names, gazetteer)
    return without_overlaps([*names, *_spread(text, names)])


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
        else:
            break
    if not any(character.isalnum() for character in piece):
        return None
    return Name(start, end, piece, name.label, name.trusted)


def _split_title(text: str, name: Name) -> list[Name]:
    """Takes apart what is an organisation, a title and a person in one."""
    if name.trusted or name.label not in (Label.ORG, Label.PERSON, Label.OTHER, Label.NORP, Label.GPE):
        return [name]
    found = INSIDE.match(name.text)
    if not found or _ORG_WORD.search(found["name"]):
        return [name]
    start = name.start + found.start("name")
    parts = [Name(start, name.end, text[start : name.end], Label.PERSON)]
    before = name.start + found.end("before")
    if _ORG_WORD.search(found["before"]):
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
    if lexicon.find(name.text) or not any(map(_weighty, gazetteer.lookup(rest))):
        return [name]
    cut = name.start + len(first)
    start = name.end - len(rest)
    return [Name(name.start, cut, first, Label.NORP), Name(start, name.end, rest, Label.GPE)]


def _accidental(text: str, name: Name) -> bool:
    """A capital that only a sentence's start or a title gave: "Bravura statements", "Secretary of State"."""
    if name.trusted or " " in name.text or name.label.is_place:
        return False
    if name.text == "State" and text[max(0, name.start - 13) : name.start].casefold() == "secretary of ":
        return True
    if name.text.isupper() or not _starts_sentence(text, name.start):
        return False
    return re.search(rf"\b{re.escape(name.text.casefold())}\b", text) is not None


def _acronyms(text: str, names: list[Name], lexicon: Lexicon) -> list[Name]:
    """Short forms: those in brackets behind a name, those that everyone knows, and all repeats."""
    taken = {name.start for name in names}
    forms: dict[str, Label] = {}
    for name in names:
        if name.label.is_place and name.label is not Label.LOC:
            continue
        found = _IN_BRACKETS.match(text, name.end)
        if found and _abbreviates(found[1], name.text, lexicon):
            forms[found[1]] = name.label
    added = []
    for word in _CAPITALS.finditer(text):
        if word.start() in taken:
            continue
        form = word.group().rstrip(".") if "." in word.group()[:-1] else word.group()
        known = lexicon.find(form)
        label = forms.get(form) or (known.label if known and form not in _WORDS_TOO else None)
        if label and not _shouted(text, word.start(), word.end()):
            added.append(Name(word.start(), word.start() + len(form), form, label, trusted=known is not None))
    return added


def _qualifiers(text: str, names: list[Name], gazetteer: Gazetteer) -> list[Name]:
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
                # The full stop of an abbreviation is part of it, that of the sentence is not.
                added.append(Name(found.start(1), end, text[found.start(1) : end], Label.GPE))
                break
    return added


def _abbreviates(short: str, long: str, lexicon: Lexicon) -> bool:
    one, other = lexicon.find(short), lexicon.find(long)
    if one and other and one.id == other.id:
        return True
    letters = short.replace(".", "").casefold()
    words = [word for word in re.split(r"[\s-]+", long) if word]
    initials = "".join(word[0] for word in words if word[0].isupper()).casefold()
    return len(letters) > 1 and letters in (initials, "".join(word[0] for word in words).casefold())


def _shouted(text: str, start: int, end: int) -> bool:
    """Whether the words around are all in capitals, so that capitals mean nothing."""
    around = text[max(0, start - 15) : start] + text[end : end + 15]
    return sum(map(str.isupper, around)) > sum(map(str.islower, around))


def _prior(text: str, name: Name, gazetteer: Gazetteer, lexicon: Lexicon) -> None:
    """What tables know weighs more than what one sentence suggests."""
    if name.trusted:
        return
    known = lexicon.find(name.text)
    if known and not (known.label is Label.NORP and name.label is Label.OTHER):
        name.label, name.trusted = known.label, True
        return
    if name.label is Label.ORG and _GROUP_NAME.search(name.text):
        name.label = Label.GROUP
        return
    if name.label is Label.GPE or len(name.text) < 2:
        return
    places = gazetteer.lookup(name.text)
    if not places:
        return
    if name.label is Label.LOC:
        if _weighty(places[0]):
            name.label = Label.GPE
        return
    if name.label in (Label.ORG, Label.OTHER, Label.NORP, Label.EVENT):
        acronym = name.text.isupper() and len(name.text) <= 5
        if not acronym and (_located(text, name) or any(map(_weighty, places))):
            name.label = Label.GPE
    elif " " not in name.text and _located(text, name):
        name.label = Label.GPE


def _located(text: str, name: Name) -> bool:
    """Whether something is said to be in it."""
    return _CERTAIN_IN.search(text, max(0, name.start - 30), name.start) is not None


def _weighty(place: Candidate) -> bool:
    """Whether a bare name most likely means this place and nothing else."""
    if place.kind in ("country", "capital"):
        return True
    if place.kind in ("city", "admin1", "admin2"):
        return place.population >= (50_000 if place.preferred else 200_000)
    return place.preferred


def _agree(names: list[Name]) -> None:
    """One spelling, one label: the majority's, unless a mention is trusted."""
    votes: dict[str, Counter[Label]] = defaultdict(Counter)
    for name in names:
        votes[fold(name.text)][name.label] += 100 if name.trusted else 1
    for name in names:
        counts = votes[fold(name.text)]
        if len(counts) > 1 and not name.trusted:
            best, most = counts.most_common(1)[0]
            if most > counts[name.label]:
                name.label = best


def _surnames(text: str, names: list[Name]) -> None:
    """A lone surname is the person whose full name the document holds."""
    surnames = {
        name.text.rsplit(" ", 1)[1] for name in names if name.label is Label.PERSON and " " in name.text
    }
    for name in names:
        if name.text in surnames and not name.trusted and not _located(text, name):
            name.label = Label.PERSON


def _spread(text: str, names: list[Name]) -> list[Name]:
    """Further occurrences of names that were found once."""
    taken = bytearray(len(text))
    labels: dict[str, Label] = {}
    for name in names:
        taken[name.start : name.end] = b"\x01" * (name.end - name.start)
        labels.setdefault(name.text, name.label)
    for name in names:
        if name.label is Label.PERSON and " " in name.text:
            surname = name.text.rsplit(" ", 1)[1]
            if len(surname) > 2 and surname[0].isupper():
                labels.setdefault(surname, Label.PERSON)
    found: list[Name] = []
    for form in sorted(labels, key=len, reverse=True):
        if len(form) < 2 or form.islower() or form.isdigit():
            continue
        common = " " not in form and not form.isupper() and form.casefold() in text
        at = text.find(form)
        while at >= 0:
            end = at + len(form)
            if (
                not (at and (text[at - 1].isalnum() or text[at - 1] in "-_@#/"))
                and not (end < len(text) and (text[end].isalnum() or text[end] in "_@"))
                and not any(taken[at:end])
                # A word that this text also writes small starts sentences with a capital.
                and not (common and _starts_sentence(text, at))
            ):
                taken[at:end] = b"\x01" * len(form)
                found.append(Name(at, end, form, labels[form]))
            at = text.find(form, end)
    return found


def _starts_sentence(text: str, at: int) -> bool:
    before = text[max(0, at - 4) : at].rstrip(" \"'“‘(")
    return not before or before[-1] in ".!?\n:"
