"""The whole step: from a text to entities, places and quotes."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from services.enrich.entities.fold import fold
from services.enrich.entities.gazetteer import Gazetteer
from services.enrich.entities.group import Group, group, slug
from services.enrich.entities.lexicon import lexicon
from services.enrich.entities.metonyms import mark_metonyms
from services.enrich.entities.name import FROM_ENTITY, TO_ENTITY, Label, Name
from services.enrich.entities.nested import nested
from services.enrich.entities.places import Resolved, Resolver
from services.enrich.entities.quotes import quoted
from services.enrich.entities.recognise import load_pipelines, recognise
from services.enrich.entities.roles import role_of
from services.enrich.entities.salience import salience
from services.enrich.entities.scan import scan
from services.enrich.entities.speakers import Attributed, Attribution
from services.enrich.entities.tidy import tidy
from services.models import Article, Dateline, Entity, EntityType, Mention, Place, Point, Quote, Speaker

if TYPE_CHECKING:
    from spacy.language import Language

_DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True)
class Tagged:
    """A name that the file itself marks up, as NITF, ninjs and NewsML-G2 can."""

    name: str
    type: EntityType


@dataclass(frozen=True)
class Annotations:
    """What was found in one text."""

    entities: tuple[Entity, ...] = ()
    places: tuple[Place, ...] = ()
    quotes: tuple[Quote, ...] = ()
    spots: tuple["Spot", ...] = ()


@dataclass(frozen=True)
class Spot:
    """A place at one point of the text, also where it is only part of another name.

    ``via`` says how it is meant: ``place``, ``nationality`` ("Syrian"), or ``within`` another name
    ("University of Kentucky").
    """

    start: int
    end: int
    text: str
    place: Place
    via: str


class Annotator:
    """Finds entities. Costly to make: once per process, before it forks.

    Args:
        pipelines: spaCy pipelines by language code.
        gazetteer: where places are looked up.

    """

    def __init__(self, pipelines: Mapping[str, "Language"], gazetteer: Gazetteer) -> None:
        self._pipelines = dict(pipelines)
        self._gazetteer = gazetteer
        self._resolver = Resolver(gazetteer)
        self._lexicon = lexicon()

    @classmethod
    def load(cls, models: Sequence[str | Path], gazetteer: Path) -> "Annotator":
        """From pipelines' folders (or names) and the gazetteer's file."""
        return cls(load_pipelines(models), Gazetteer(gazetteer))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that have a pipeline. In others only places and tagged names are found."""
        return tuple(sorted(self._pipelines))

    def annotate(
        self,
        text: str,
        *,
        headline: str | None = None,
        standfirst: str | None = None,
        dateline: Dateline | None = None,
        language: str | None = None,
        tagged: Sequence[Tagged] = (),
    ) -> Annotations:
        """Entities, places and quotes of ``text``; all offsets are into this very string."""
        if not text.strip():
            return Annotations()
        nlp = self._pipelines.get((language or _DEFAULT_LANGUAGE).split("-")[0].lower())
        marked = list(_tagged_names(text, tagged))
        if nlp is None:
            found = tidy(text, [*marked, *scan(text, self._gazetteer)], self._gazetteer, self._lexicon)
        else:
            found = tidy(text, [*marked, *recognise(nlp, text)], self._gazetteer, self._lexicon)
        return self.link(text, found, headline=headline, standfirst=standfirst, dateline=dateline)

    def locate(self, dateline: Dateline) -> Dateline:
        """``dateline`` with its place and point, where the gazetteer knows it."""
        text = dateline.place or dateline.text
        words = re.match(r"[^\d(/–—]+", text)
        parts = [part.strip() for part in (words.group() if words else text).split(",") if part.strip()]
        names = [Name(text.find(part), text.find(part) + len(part), part, Label.GPE) for part in parts[:2]]
        resolved = self._resolver.resolve(text, names)
        if not names or not (best := resolved[0]) or best.place.lat is None or best.place.lon is None:
            return dateline
        place = dateline.place or (names[0].text.title() if names[0].text.isupper() else names[0].text)
        point = dateline.location or Point(lat=best.place.lat, lon=best.place.lon)
        return dateline.model_copy(update={"place": place, "location": point})

    def link(
        self,
        text: str,
        names: Sequence[Name],
        *,
        headline: str | None = None,
        standfirst: str | None = None,
        dateline: Dateline | None = None,
    ) -> Annotations:
        """Everything that follows once the names are known: who is who, what is where, who said what."""
        groups = group(names, self._lexicon)
        placed = [name for name in names if name.label.is_place]
        unknown = [not (name.label.is_place and self._gazetteer.lookup(name.text)) for name in names]
        within = nested(text, names, unknown, self._gazetteer, self._lexicon)
        peoples = [name for name in (*names, *within) if name.label is Label.NORP]
        inside = [name for name in within if name.label is Label.GPE]
        hints = [known.place for name in peoples if (known := self._lexicon.find(name.text)) and known.place]
        hints = list(dict.fromkeys(hints))
        if dateline and dateline.place:
            hints.append(dateline.place)
        everywhere = self._resolver.resolve(text, [*placed, *inside], hints)
        resolved = everywhere[: len(placed)]
        place_groups, found_places = _by_place(placed, resolved)
        groups += place_groups
        groups.sort(key=lambda entity: entity.names[0].start)
        capitals = [bool(r and r.place.kind in ("capital", "country")) for r in resolved]
        metonyms = {
            name.start
            for name, marked in zip(placed, mark_metonyms(text, placed, capitals), strict=True)
            if marked
        }
        entities = self._entities(text, groups, metonyms, headline or "", standfirst or "")
        quotes = _quotes(text, names, groups, entities)
        places = {entity.id: self._place(entity, found_places[entity.id]) for entity in place_groups}
        spots = [_spot(name, places[entity.id], "place") for entity in place_groups for name in entity.names]
        for name, found in zip(inside, everywhere[len(placed) :], strict=True):
            if found:
                entity = Group(found.place.ref, name.text, Label.GPE)
                spots.append(_spot(name, self._place(entity, found), "within"))
        for name in peoples:
            known = self._lexicon.find(name.text)
            home = self._gazetteer.get(known.place) if known and known.place else None
            if home:
                entity = Group(home.ref, home.name, Label.GPE)
                spots.append(_spot(name, self._place(entity, Resolved(home, 1.0)), "nationality"))
        spots.sort(key=lambda spot: spot.start)
        return Annotations(tuple(entities), tuple(places.values()), tuple(quotes), tuple(spots))

    def _entities(
        self, text: str, groups: Sequence[Group], metonyms: set[int], headline: str, standfirst: str
    ) -> list[Entity]:
        most = max((len(entity.names) for entity in groups), default=1)
        folded_headline, folded_standfirst = f" {fold(headline)} ", f" {fold(standfirst)} "
        entities = []
        for entity in groups:
            forms = {f" {fold(name.text)} " for name in entity.names}
            if entity.label is Label.PERSON:
                forms.add(f" {fold(entity.name).rsplit(' ', 1)[-1]} ")
            role = None
            if entity.label is Label.PERSON:
                role = next((r for name in entity.names[:3] if (r := role_of(text, name))), None)
            entities.append(
                Entity(
                    id=entity.id,
                    name=entity.name,
                    type=TO_ENTITY[entity.label],
                    salience=salience(
                        entity.names,
                        len(text),
                        most=most,
                        headline=any(form in folded_headline for form in forms),
                        standfirst=any(form in folded_standfirst for form in forms),
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
            kind=place.kind,
            confidence=resolved.confidence,
        )


def _spot(name: Name, place: Place, via: str) -> Spot:
    return Spot(name.start, name.end, name.text, place, via)


def enrich(article: Article, annotator: Annotator) -> Article:
    """``article`` with its entities, places and quotes, and its dateline on the map.

    Entities that the parser already took from the file's own tags are trusted.
    """
    dateline = annotator.locate(article.dateline) if article.dateline else None
    found = annotator.annotate(
        article.body,
        headline=article.headline,
        standfirst=article.standfirst,
        dateline=dateline,
        language=article.language,
        tagged=[Tagged(entity.name, entity.type) for entity in article.entities],
    )
    return article.model_copy(
        update={
            "dateline": dateline,
            "entities": found.entities,
            "places": found.places,
            "quotes": found.quotes,
        }
    )


def _tagged_names(text: str, tagged: Sequence[Tagged]) -> list[Name]:
    names = []
    for tag in tagged:
        form = tag.name.strip()
        at = text.find(form) if len(form) > 1 else -1
        while at >= 0:
            end = at + len(form)
            if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
                names.append(Name(at, end, form, FROM_ENTITY[tag.type], trusted=True))
            at = text.find(form, end)
    return names


def _by_place(
    names: Sequence[Name], resolved: Sequence[Resolved | None]
) -> tuple[list[Group], dict[str, Resolved | None]]:
    """Place mentions grouped by the place they mean; what no gazetteer knows is grouped by its name."""
    groups: dict[str, Group] = {}
    places: dict[str, Resolved | None] = {}
    forms: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name, found in zip(names, resolved, strict=True):
        key = found.place.ref if found else f"place:{slug(name.text)}"
        if key not in groups:
            country = found.place.country if found else None
            title = found.place.name if found else " ".join(name.text.split())
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
    attribution = Attribution(text, names, [owner_of[name.start] for name in names], roles)
    found = [*attribution.attribute(pieces), *attribution.indirect(pieces)]
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
