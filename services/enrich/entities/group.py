"""From mentions to entities: which names of a document are one person, organisation, people."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.enrich.entities.bodies import body_clusters, ends_with
from services.enrich.entities.fold import fold
from services.enrich.entities.lexicon import Lexicon
from services.enrich.entities.name import TO_ENTITY, Label, Name
from services.enrich.entities.people import people_clusters


@dataclass(slots=True)
class Group:
    """The mentions of one entity."""

    id: str
    name: str
    label: Label
    names: list[Name] = field(default_factory=list)
    country: str | None = None
    place: str | None = None


def group(text: str, names: Sequence[Name], lexicon: Lexicon) -> list[Group]:
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
    groups = dict(known)
    for cluster in body_clusters(bodies):
        # "Defense Ministry" after "Russian Defense Ministry", which the tables know.
        owners = [g for g in known.values() if g.label is cluster[0].label and ends_with(g.names, cluster[0])]
        if len(owners) == 1:
            owners[0].names = sorted([*owners[0].names, *cluster], key=lambda n: n.start)
        else:
            _add(groups, cluster)
    for cluster in (*people_clusters(people, text), *others.values()):
        _add(groups, cluster)
    return list(groups.values())


def _add(groups: dict[str, Group], members: list[Name]) -> None:
    """A group named by its fullest form; another of the same id is the same entity."""
    members.sort(key=lambda n: n.start)
    best = max(members, key=lambda n: (len(n.text.split()), len(n.text) if not n.text.isupper() else 0))
    text = " ".join(best.text.split())
    identifier = f"{TO_ENTITY[best.label]}:{slug(text)}"
    entity = groups.setdefault(identifier, Group(identifier, text, best.label))
    entity.names = sorted([*entity.names, *members], key=lambda n: n.start)


def slug(name: str) -> str:
    """A name as part of an id: ``igor-konashenkov``. Other scripts stay as they are."""
    return fold(name).replace(" ", "-")
