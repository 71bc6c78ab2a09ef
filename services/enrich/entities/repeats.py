"""Names that the recogniser missed, found by what the document itself says about them."""

import re
from collections.abc import Iterator, Sequence

from services.enrich.entities.bodies import COMPANY_TAIL
from services.enrich.entities.edges import starts_sentence
from services.enrich.entities.first_names import first_names
from services.enrich.entities.gazetteer import Gazetteer
from services.enrich.entities.lexicon import Lexicon
from services.enrich.entities.name import Label, Name
from services.enrich.entities.people import surname
from services.enrich.entities.prior import GROUP_NAME, ORG_WORD, PLACE_WORD

_CAPITALS = re.compile(r"\b[A-Z](?:[A-Z]|\.(?=[A-Z])|-(?=[A-Z])){1,7}\.?(?![\w])")
_IN_BRACKETS = re.compile(r"\s*\(\s*(?:the\s+|or\s+)?[\"“'‘]?([A-Z][A-Za-z.&-]{1,9})[\"”'’]?\s*[),;]")
_DIVISION = re.compile(
    r"(?:,\s+|\s*\(\s*)((?:[A-Z]\.\s?){2}|[^\W\d_a-z][\w’'-]*\.?(?: [^\W\d_a-z][\w’'-]*\.?){0,2})"
)
# Acronyms that capitals alone do not make certain.
_WORDS_TOO = {"IS", "WHO", "US", "AU", "EC", "AP", "IRA", "ETA", "ISI", "RIA", "LET", "SEC", "RSF", "LRA"}
_LONG_AND_SHORT = re.compile(
    r"(?P<long>[^\W\d_a-z][\w'’-]+(?: (?:of |for |the |and |de )*[^\W\d_a-z][\w'’-]+){1,6})"
    r" \((?P<short>[A-Z]{2,7})\)"
)
_TWO_WORDS = re.compile(
    r"\b([^\W\d_a-z][^\W\d_A-Z]+) "
    r"((?:(?:Mc|Mac|O['’]|De|Van)(?=[A-Z]))?[^\W\d_a-z][^\W\d_A-Z]+)\b(?! ?[A-Z])"
)
_COUNTY = re.compile(
    r"\b[^\W\d_a-z][\w'’-]+(?: [^\W\d_a-z][\w'’-]+)? (?:County|Parish|Township|Province|Governorate)\b"
)
_PLACED = re.compile(
    r"\b(?:[Ii]n|[Nn]ear|[Oo]utside|[Tt]hroughout)\s+(?:downtown\s+|nearby\s+|northern\s+|southern\s+|eastern\s+|western\s+)?"
    r"([^\W\d_a-z][\w'’-]+(?: [^\W\d_a-z][\w'’-]+){0,2})"
)
_DATELINE = re.compile(
    r"[\s(]*([^\W\d_a-z][^\W\d_a-z.'’]*[^\W\d_a-z.](?:[ -][^\W\d_a-z]{2}[^\W\d_a-z'’.]*){0,3})"
    r"(?=,|\s*\(|\s+[–—-]|\s*/|\s+\d{4}|:)"
)
_GOES_ON = re.compile(r"[ -][^\W\d_a-z]")
_TIMES = {
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    *("Spring", "Summer", "Autumn", "Fall", "Winter", "Christmas", "Easter", "English", "Latin", "God"),
}


def dateline(text: str, gazetteer: Gazetteer) -> list[Name]:
    """The town in capitals that a story begins with, which recognisers take for anything."""
    found = _DATELINE.match(text)
    if not found or not gazetteer.lookup(found[1]):
        return []
    return [Name(found.start(1), found.end(1), found[1], Label.GPE, trusted=True)]


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
        and not _GOES_ON.match(text, start + len(form))
    ]


def acronyms(text: str, names: Sequence[Name], lexicon: Lexicon) -> list[Name]:
    """Short forms: those in brackets behind a name with their repeats, and those that everyone knows."""
    taken = {name.start for name in names}
    forms: dict[str, Label] = {}
    for name in names:
        if name.label is Label.GPE:
            continue
        found = _IN_BRACKETS.match(text, name.end)
        if found and _abbreviates(found[1], name.text, lexicon):
            forms[found[1]] = name.label
    added = []
    for long in _spelt_out(text, taken):
        forms[long.group("short")] = Label.GROUP if GROUP_NAME.search(long.group("long")) else Label.ORG
        added.append(Name(*long.span("long"), long.group("long"), forms[long.group("short")]))
    for word in _CAPITALS.finditer(text):
        if word.start() in taken:
            continue
        form = word.group().rstrip(".") if "." in word.group()[:-1] else word.group()
        known = lexicon.find(form)
        label = forms.get(form) or (known.label if known and form not in _WORDS_TOO else None)
        if label and not _shouted(text, word.start(), word.end()):
            added.append(Name(word.start(), word.start() + len(form), form, label, trusted=known is not None))
    return added


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
    taken = _taken(text, names)
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
    taken = _taken(text, names)
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


def repeats(text: str, names: Sequence[Name]) -> list[Name]:
    """Further occurrences of names that were found once, and of their surnames."""
    taken = _taken(text, names)
    labels: dict[str, Label] = {}
    for name in names:
        labels.setdefault(name.text, name.label)
        if name.label is Label.GPE and name.text.isupper() and len(name.text) > 4:
            labels.setdefault(name.text.title(), Label.GPE)  # the dateline's town, later in the story
    for name in names:
        if name.label is Label.PERSON:
            last = surname(name.text)
            if last and len(last) > 2 and any(map(str.isupper, last)):
                labels.setdefault(last, Label.PERSON)
        elif name.label is Label.ORG and (tail := COMPANY_TAIL.search(name.text)):
            # "Lodestar" and "Lodestar Pumps" for "Lodestar Pumps Ltd.".
            short = name.text[: tail.start()]
            labels.setdefault(short, Label.ORG)
            if len(first := short.split(" ")[0]) > 4:
                labels.setdefault(first, Label.ORG)
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
                # "Northern" of "Northern Grid Corp" is not that of "Northern Ireland".
                and not (labels[form] is Label.ORG and " " not in form and _GOES_ON.match(text, end))
                # A word that this text also writes small starts sentences with a capital.
                and not (common and starts_sentence(text, at))
            ):
                taken[at:end] = b"\x01" * len(form)
                found.append(Name(at, end, form, labels[form]))
            at = text.find(form, end)
    return found


def _spelt_out(text: str, taken: set[int]) -> Iterator[re.Match[str]]:
    """Where a long name is overlooked but its acronym follows: "the Dawn Liberation Front (DLF)"."""
    for found in _LONG_AND_SHORT.finditer(text):
        words = found["long"].split()
        initials = "".join(word[0] for word in words if word[0].isupper())
        if found["short"] == initials and found.start("long") not in taken:
            yield found


def _taken(text: str, names: Sequence[Name]) -> bytearray:
    taken = bytearray(len(text))
    for name in names:
        taken[name.start : name.end] = b"\x01" * (name.end - name.start)
    return taken


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
