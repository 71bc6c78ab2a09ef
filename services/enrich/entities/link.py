"""From names to annotations: who is who, what is where, who said what."""

from collections import defaultdict
from collections.abc import Sequence

from services.enrich.entities.annotations import Annotations, Spot
from services.enrich.entities.fold import fold
from services.enrich.entities.gazetteer import Gazetteer
from services.enrich.entities.group import Group, group, slug
from services.enrich.entities.lexicon import Lexicon
from services.enrich.entities.metonyms import mark_metonyms
from services.enrich.entities.name import TO_ENTITY, Label, Name
from services.enrich.entities.nested import nested
from services.enrich.entities.places import Resolved, Resolver
from services.enrich.entities.quotes import quoted
from services.enrich.entities.roles import role_of
from services.enrich.entities.salience import salience
from services.enrich.entities.speakers import Attributed, Attribution
from services.models import Dateline, Entity, Mention, Place, Point, Quote, Speaker


class Linker:
    """Links the names of one document at a time.

    Args:
        gazetteer: where places are looked up.
        lexicon: well-known names that are no places.

    """

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon) -> None:
        self._gazetteer = gazetteer
        self._lexicon = lexicon
        self._resolver = Resolver(gazetteer)

    def link(
        self,
        text: str,
        names: Sequence[Name],
        *,
        headline: str | None = None,
        standfirst: str | None = None,
        dateline: Dateline | None = None,
    ) -> Annotations:
        """Everything that follows once the names are known."""
        groups = group(text, names, self._lexicon)
        placed = [name for name in names if name.label.is_place]
        unknown = [not (name.label.is_place and self._gazetteer.lookup(name.text)) for name in names]
        within = nested(text, names, unknown, self._gazetteer, self._lexicon)
        peoples = [name for name in (*names, *within) if name.label is Label.NORP]
        inside = [name for name in within if name.label is Label.GPE]
        hints = self._hints(peoples, dateline)
        resolved = self._resolver.resolve(text, [*placed, *inside], hints)
        place_groups, found = _by_place(placed, resolved[: len(placed)])
        groups = sorted([*groups, *place_groups], key=lambda entity: entity.names[0].start)
        entities = _entities(
            text,
            groups,
            _metonyms(text, placed, resolved),
            headline=headline or "",
            standfirst=standfirst or "",
        )
        places = {entity.id: self._place(entity, found[entity.id]) for entity in place_groups}
        spots = [
            *(Spot(n.start, n.end, n.text, places[g.id], "place") for g in place_groups for n in g.names),
            *self._inside(inside, resolved[len(placed) :]),
            *self._homes(peoples),
        ]
        return Annotations(
            tuple(entities),
            tuple(places.values()),
            tuple(_quotes(text, names, groups, entities)),
            tuple(sorted(spots, key=lambda spot: spot.start)),
        )

    def _hints(self, peoples: Sequence[Name], dateline: Dateline | None) -> list[str]:
        known = (self._lexicon.find(name.text) for name in peoples)
        hints = list(dict.fromkeys(each.place for each in known if each and each.place))
        return [*hints, dateline.place] if dateline and dateline.place else hints

    def _inside(self, names: Sequence[Name], resolved: Sequence[Resolved | None]) -> list[Spot]:
        """Spots of places within other names."""
        return [
            Spot(n.start, n.end, n.text, self._place(Group(r.place.ref, n.text, Label.GPE), r), "within")
            for n, r in zip(names, resolved, strict=True)
            if r
        ]

    def _homes(self, peoples: Sequence[Name]) -> list[Spot]:
        """Spots of nationalities: their countries."""
        spots = []
        for name in peoples:
            known = self._lexicon.find(name.text)
            home = self._gazetteer.get(known.place) if known and known.place else None
            if home:
                place = self._place(Group(home.ref, home.name, Label.GPE), Resolved(home, 1.0))
                spots.append(Spot(name.start, name.end, name.text, place, "nationality"))
        return spots

    def _place(self, entity: Group, resolved: Resolved | None) -> Place:
        if resolved is None:
            return Place(id=entity.id, name=entity.name, confidence=0.0)
        place = resolved.place
        located = place.lat is not None and place.lon is not None
        return Place(
            id=entity.id,
            name=entity.name,
            location=Point(lat=place.lat, lon=place.lon) if located else None,
            country=place.country,
            admin1=self._gazetteer.admin1_name(place.admin1) if place.admin1 else None,
            kind=place.kind if resolved.exact else "around",
            confidence=resolved.confidence,
        )


def _metonyms(text: str, placed: Sequence[Name], resolved: Sequence[Resolved | None]) -> set[int]:
    """Where places stand for their governments."""
    capitals = [bool(r and r.place.kind in ("capital", "country")) for r in resolved[: len(placed)]]
    marks = mark_metonyms(text, placed, capitals)
    return {name.start for name, marked in zip(placed, marks, strict=True) if marked}


def _entities(
    text: str, groups: Sequence[Group], metonyms: set[int], *, headline: str, standfirst: str
) -> list[Entity]:
    most = max((len(entity.names) for entity in groups), default=1)
    above, below = f" {fold(headline)} ", f" {fold(standfirst)} "
    entities = []
    for entity in groups:
        forms = {f" {fold(name.text)} " for name in entity.names}
        role = None
        if entity.label is Label.PERSON:
            forms.add(f" {fold(entity.name).rsplit(' ', 1)[-1]} ")
            role = next((found for name in entity.names[:3] if (found := role_of(text, name))), None)
        entities.append(
            Entity(
                id=entity.id,
                name=entity.name,
                type=TO_ENTITY[entity.label],
                salience=salience(
                    entity.names,
                    len(text),
                    most=most,
                    headline=any(form in above for form in forms),
                    standfirst=any(form in below for form in forms),
                ),
                mentions=tuple(
                    Mention(start=n.start, end=n.end, text=n.text, metonym=n.start in metonyms)
                    for n in entity.names
                ),
                role=role,
                country=entity.country,
            )
        )
    return entities


def _by_place(
    names: Sequence[Name], resolved: Sequence[Resolved | None]
) -> tuple[list[Group], dict[str, Resolved | None]]:
    """Place mentions grouped by the place they mean; what no gazetteer knows is grouped by its name."""
    groups: dict[str, Group] = {}
    places: dict[str, Resolved | None] = {}
    forms: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name, found in zip(names, resolved, strict=True):
        key = found.place.ref if found and found.exact else f"place:{slug(name.text)}"
        if key not in groups:
            country = found.place.country if found else None
            title = found.place.name if found and found.exact else " ".join(name.text.split())
            groups[key] = Group(key, title, name.label, [], country)
            places[key] = found
        groups[key].names.append(name)
        forms[key][name.text] += 1
    for key, entity in groups.items():
        # A city is called what the article calls it: Raqqa, not Ar Raqqah. Countries have one name.
        if key.startswith("geo:"):
            entity.name = max(forms[key], key=lambda form: (forms[key][form], len(form)))
    return list(groups.values()), places


def _quotes(
    text: str, names: Sequence[Name], groups: Sequence[Group], entities: Sequence[Entity]
) -> list[Quote]:
    pieces = quoted(text)
    owner_of = {name.start: n for n, entity in enumerate(groups) for name in entity.names}
    roles = {n: entity.role for n, entity in enumerate(entities) if entity.role}
    attribution = Attribution(text, names, [owner_of[name.start] for name in names], roles, pieces)
    found = [*attribution.direct(), *attribution.indirect()]
    found.sort(key=lambda a: a.quoted.start)
    return [_quote(text, each, groups) for each in found]


def _quote(text: str, each: Attributed, groups: Sequence[Group]) -> Quote:
    start, end = each.quoted.start, each.quoted.end
    speaker = None
    if each.speaker is not None:
        speaker = Speaker(id=groups[each.speaker].id, name=groups[each.speaker].name)
    elif each.words:
        speaker = Speaker(name=each.words)
    return Quote(text=text[start:end], start=start, end=end, speaker=speaker, direct=each.direct)
