"""From mentions to entities: which names of a document are one person, organisation, people."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.enrich.entities.fold import fold
from services.enrich.entities.lexicon import Lexicon
from services.enrich.entities.name import TO_ENTITY, Label, Name

_COMPANY_TAIL = re.compile(
    r"(?:,?\s+(?:inc|incorporated|corp|corporation|co|company|ltd|limited|plc|llc|llp|lp|gmbh|ag|sa|nv|bv|spa|"
    r"group|holdings?|international|industries|motors?)\.?)+$",
    re.IGNORECASE,
)
_SMALL = {"of", "for", "the", "and", "in", "on", "to", "de", "la", "du", "des", "der", "und", "&", "a"}
_GENERATION = re.compile(r",?\s+(?:jr|sr|ii|iii|iv)\.?$", re.IGNORECASE)


@dataclass(slots=True)
class Group:
    """The mentions of one entity."""

    id: str
    name: str
    label: Label
    names: list[Name] = field(default_factory=list)
    country: str | None = None
    place: str | None = None


def group(names: Sequence[Name], lexicon: Lexicon) -> list[Group]:
    """Groups everything but places, which are grouped by what they resolve to."""
    people: list[Name] = []
    bodies: list[Name] = []
    others: dict[tuple[Label, str], list[Name]] = {}
    known: dict[str, Group] = {}
    for name in names:
        if name.label.is_place:
            continue
        if (found := lexicon.find(name.text)) and found.label is name.label:
            entity = known.setdefault(
                found.id, Group(found.id, found.name, found.label, [], found.country, found.place)
            )
            entity.names.append(name)
        elif name.label is Label.PERSON:
            people.append(name)
        elif name.label in (Label.ORG, Label.GROUP):
            bodies.append(name)
        else:
            others.setdefault((name.label, fold(name.text)), []).append(name)
    groups = [*known.values(), *_people(people), *_bodies(bodies, known)]
    groups += [_named(label, members) for (label, _), members in others.items()]
    return [entity for entity in groups if entity.names]


def _people(names: Sequence[Name]) -> list[Group]:
    """Full names first; a part of a name then goes to the nearest person before it that has it."""
    full: dict[tuple[str, ...], list[Name]] = {}
    parts: list[tuple[str, Name]] = []
    for name in names:
        words = tuple(fold(_GENERATION.sub("", name.text)).split())
        if len(words) > 1:
            full.setdefault(_match(words, full), []).append(name)
        elif words:
            parts.append((words[0], name))
    loners: dict[str, list[Name]] = {}
    owners = {key: list(members) for key, members in full.items()}
    for word, name in parts:
        for position in (-1, 0):  # a surname rather than a first name
            same = [key for key in owners if key[position] == word]
            if same:
                # "Clinton" between Bill and Hillary is whoever was last named; before both, the first.
                before = [k for k in same if owners[k][0].start < name.start]
                owner = (
                    max(before, key=lambda k: max(n.start for n in owners[k] if n.start < name.start))
                    if before
                    else min(same, key=lambda k: owners[k][0].start)
                )
                full[owner].append(name)
                break
        else:
            loners.setdefault(word, []).append(name)
    return [_named(Label.PERSON, members) for members in (*full.values(), *loners.values())]


def _match(words: tuple[str, ...], full: dict[tuple[str, ...], list[Name]]) -> tuple[str, ...]:
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


def _bodies(names: Sequence[Name], known: dict[str, Group]) -> list[Group]:
    """Organisations and groups: acronyms, company suffixes, and short forms of a longer name."""
    by_key: dict[str, list[Name]] = {}
    for name in names:
        key = fold(_COMPANY_TAIL.sub("", name.text)) or fold(name.text)
        by_key.setdefault(key, []).append(name)
    keys = sorted(by_key, key=len, reverse=True)
    merged: dict[str, str] = {}
    for short in keys:
        longer = [
            key
            for key in keys
            if key != short and key not in merged and _short_form(short, key, by_key[short][0])
        ]
        if len(longer) == 1:
            merged[short] = longer[0]
    for short, key in merged.items():
        by_key[key] += by_key.pop(short)
    groups = []
    for key, members in by_key.items():
        members.sort(key=lambda n: n.start)
        # "Defense Ministry" after "Russian Defense Ministry", which the tables know.
        owner = [g for g in known.values() if g.label is members[0].label and _ends_with(g, key)]
        if len(owner) == 1:
            owner[0].names += members
            owner[0].names.sort(key=lambda n: n.start)
        else:
            groups.append(_named(members[0].label, members))
    return groups


def _ends_with(entity: Group, key: str) -> bool:
    return " " in key and any(fold(name.text).endswith(" " + key) for name in entity.names)


def _short_form(short: str, key: str, name: Name) -> bool:
    words = key.split()
    if name.text.isupper() and " " not in short and len(short) > 1:
        initials = "".join(word[0] for word in words if word not in _SMALL)
        return len(words) > 1 and short in (initials, "".join(word[0] for word in words))
    own = short.split()
    if len(own) >= len(words):
        return False
    # "Toyota" of "Toyota Motor Manufacturing"; "Defense Ministry" of "Russian Defense Ministry".
    return (
        words[: len(own)] == own if len(own) == 1 else words[-len(own) :] == own or words[: len(own)] == own
    )


def _named(label: Label, members: list[Name]) -> Group:
    """Named by its fullest form, the earlier of two equals."""
    members.sort(key=lambda n: n.start)
    best = max(members, key=lambda n: (len(n.text.split()), len(n.text) if not n.text.isupper() else 0))
    text = " ".join(best.text.split())
    return Group(f"{TO_ENTITY[label]}:{slug(text)}", text, label, members)


def slug(name: str) -> str:
    """A name as part of an id: ``igor-konashenkov``. Other scripts stay as they are."""
    return fold(name).replace(" ", "-")
