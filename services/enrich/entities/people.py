"""Which names of persons are one person."""

import re
from collections.abc import Sequence

from services.enrich.entities.first_names import first_names
from services.enrich.entities.fold import fold
from services.enrich.entities.name import Name
from services.enrich.entities.titles import FEMALE, LEADING, MALE

_GENERATION = re.compile(r",?\s+(?:jr|sr|ii|iii|iv)\.?$", re.IGNORECASE)
#: What a surname may begin with: De Vos, van der Bellen, bin Salman, al-Assad.
PARTICLE = re.compile(
    r"(?:de|del|della|di|da|dos|du|la|le|van|von|der|den|ten|ter|zu|al|el|bin|ibn|ben|abu|st|mac|san)"
)
_FIRST_TOO = {"ben", "abu", "al", "di", "mac", "van", "le"}

Words = tuple[str, ...]


def people_clusters(names: Sequence[Name], text: str) -> list[list[Name]]:
    """Full names first; a part of a name then goes to the nearest person before it that has it.

    "Ms. Alvarez" is not Miguel Alvarez, though he has that surname.
    """
    full: dict[Words, list[Name]] = {}
    parts: list[tuple[Words, Name]] = []
    for name in names:
        words = tuple(fold(LEADING.sub("", _GENERATION.sub("", name.text))).split())
        # "De Vos" is a surname; so is "Ben", but "Ben Roche" is a whole name.
        if len(words) > 1 and (words[0] in _FIRST_TOO or not PARTICLE.fullmatch(words[0])):
            full.setdefault(_match(words, full), []).append(name)
        else:
            parts.append((words or (fold(name.text),), name))
    loners: dict[Words, list[Name]] = {}
    owners = {key: list(members) for key, members in full.items()}
    genders = {key: gender_of(text, members[0]) for key, members in full.items()}
    for words, name in parts:
        gender = gender_of(text, name) if len(words) == 1 and words[0] not in _FIRST_TOO else None
        fitting = {
            key: members
            for key, members in owners.items()
            if gender is None or genders[key] in (gender, None)
        }
        owner = _owner(words, name, fitting if gender else owners)
        if owner is None:
            loners.setdefault(words, []).append(name)
        else:
            full[owner].append(name)
            owners[owner].append(name)
    return [*full.values(), *loners.values()]


def gender_of(text: str, name: Name) -> str | None:
    """``f`` or ``m`` from the title before a name, else from its first name."""
    before = text[max(0, name.start - 14) : name.start]
    if FEMALE.search(before):
        return "f"
    if MALE.search(before):
        return "m"
    return first_names().get(name.text.split(" ")[0])


def surname(name: str) -> str | None:
    """The surname of a full name with its particles, as written."""
    words = _GENERATION.sub("", name).split()
    if len(words) < 2:
        return None
    start = len(words) - 1
    while start > 1 and PARTICLE.fullmatch(fold(words[start - 1])):
        start -= 1
    return " ".join(words[start:])


def _owner(words: Words, name: Name, owners: dict[Words, list[Name]]) -> Words | None:
    # A surname rather than a first name.
    same = [k for k in owners if k[-len(words) :] == words]
    if not same and len(words) == 1:
        same = [k for k in owners if k[0] == words[0]]
    if not same:
        return None
    # "Clinton" between Bill and Hillary is whoever was last named; before both, the first.
    before = [k for k in same if owners[k][0].start < name.start]
    if not before:
        return min(same, key=lambda k: owners[k][0].start)
    return max(before, key=lambda k: max(n.start for n in owners[k] if n.start < name.start))


def _match(words: Words, full: dict[Words, list[Name]]) -> Words:
    """The key of someone already there whose name is the same but for middle names."""
    if words in full:
        return words
    for key in full:
        if key[-1] == words[-1] and _same_first(key[0], words[0]):
            middle, other = key[1:-1], words[1:-1]
            if not middle or not other or all(a[0] == b[0] for a, b in zip(middle, other, strict=False)):
                return key
    return words


def _same_first(one: str, other: str) -> bool:
    return one == other or (1 in (len(one), len(other)) and one[0] == other[0])
