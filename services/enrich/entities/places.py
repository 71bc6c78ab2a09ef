"""Which of the many places of a name an article means.

Four kinds of evidence, summed as scores: how well known a place is; a qualifier that stands behind the
name ("Paris, Texas"); the countries, divisions and neighbourhoods that the article's other names speak
for; and one sense per document.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.enrich.entities.evidence import Form, prior_of, shortlist, vote
from services.enrich.entities.fold import fold
from services.enrich.entities.gazetteer import Candidate, Gazetteer
from services.enrich.entities.name import Name

_QUALIFIER = re.compile(r"\s*[,(]\s*((?:[^\W\d_a-z][\w.’'-]*)(?:\s[^\W\d_a-z][\w.’'-]*){0,2})")
_LIST_GOES_ON = re.compile(
    r"(?:,\s+[^\W\d_a-z][\w.-]+(?: [^\W\d_a-z][\w.-]+)?){0,8},?\s+(?:and|or)\s+[^\W\d_a-z]"
)
# "Oaxaca State", "Republic of Mali": the same place with what it is.
_UNIT = re.compile(
    r"^(?:republic|province|state|city|town|village|county|kingdom) of (?:the )?|"
    r" (?:state|province|city|region|district|village|town|township|county|governorate|prefecture|oblast|"
    r"municipality)$",
    re.IGNORECASE,
)
# "Northern Iraq", "downtown Dallas", "Amsterdam airport": no place of that name, but one in or around it.
_AROUND = re.compile(
    r"^(?:(?:the|north|south|east|west|north-?east|north-?west|south-?east|south-?west|northern|southern|eastern|"
    r"western|central|upper|lower|inner|outer|greater|downtown|uptown|midtown|suburban|rural|upstate|old|historic|"
    r"metro|metropolitan|mainland|occupied|nazi|communist|ancient|modern) )+|"
    r" (?:area|metropolitan area|metro area|airport|international airport|island|valley|suburbs?)$",
    re.IGNORECASE,
)
#: Words that divisions in far countries have for a name and that here are mere directions.
_DIRECTIONS = {
    *(
        "north",
        "south",
        "east",
        "northern",
        "southern",
        "eastern",
        "western",
        "central",
        "northwest",
        "southwest",
    ),
    *(
        "northeast",
        "southeast",
        "midtown",
        "downtown",
        "uptown",
        "district",
        "city hall",
        "main street",
        "old town",
    ),
    *(
        "centre",
        "center",
        "state",
        "city",
        "town",
        "village",
        "county",
        "island",
        "school",
        "church",
        "bridge",
    ),
}
# Enough for Moscow in Idaho over Russia's, not for Us in France: "the US, France and Germany".
_QUALIFIED = 5.0


@dataclass(frozen=True, slots=True)
class Resolved:
    """The place a mention stands for, and how sure that is."""

    place: Candidate
    confidence: float
    exact: bool = True  # not only a place in or around it


class Resolver:
    """Resolves the place names of one document at a time."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def resolve(
        self,
        text: str,
        names: Sequence[Name],
        hints: Iterable[str] = (),
    ) -> list[Resolved | None]:
        """For each of ``names`` its place, or nothing when no gazetteer knows it.

        Args:
            text: what the names were found in.
            names: place names in order of position.
            hints: ids or names of places that speak for the document's region: its dateline, its
                nationalities' countries, its outlet's home.

        """
        forms: dict[str, Form] = {}
        keys = []
        before: Name | None = None
        for name in names:
            key = fold(name.text)
            # "Albany, New York" speaks of the state, whatever "New York" means elsewhere in the text.
            if before and text[before.end : name.start] == ", ":
                division = self._division(text, before, name)
                if division:
                    key = f"{key} behind"
                    forms.setdefault(key, Form((division,)))
            before = name
            if key not in forms:
                forms[key] = self._form(name.text)
            form = forms[key]
            form.count += 1
            keys.append(key)
            if len(form.candidates) > 1 and not form.qualified and not _plainly_country(form):
                self._qualify(text, name, form)
        for number, hint in enumerate(hints):
            place = self._gazetteer.get(hint) if ":" in hint or "." in hint else None
            forms[f"hint {number}"] = Form((place,), count=1) if place else self._form(hint)
        vote([form for form in forms.values() if form.candidates])
        best = {key: _best(form) for key, form in forms.items()}
        return [best[key] for key in keys]

    def _form(self, text: str) -> Form:
        if fold(text) in _DIRECTIONS:
            return Form(())
        if found := self._gazetteer.lookup(text):
            return Form(shortlist(found))
        for pattern, exact in ((_UNIT, True), (_AROUND, False)):
            base = pattern.sub("", text)
            if base != text and fold(base) not in _DIRECTIONS and (found := self._gazetteer.lookup(base)):
                return Form(shortlist(found), certainty=0.9 if exact else 0.6, exact=exact)
        return Form(())

    def _division(self, text: str, town: Name, name: Name) -> Candidate | None:
        """The division called ``name`` if it holds ``town``."""
        towns = self._gazetteer.lookup(town.text)
        if not towns or _listed(text, name.end, towns):
            return None
        divisions = (c for c in self._gazetteer.lookup(name.text) if c.kind == "admin1")
        return next((d for d in divisions if any(t.admin1 == d.admin1 and t is not d for t in towns)), None)

    def _qualify(self, text: str, name: Name, form: Form) -> None:
        """Raises the candidates that lie in the division or country named right behind."""
        found = _QUALIFIER.match(text, name.end)
        if not found or ("." not in found[1] and _listed(text, found.end(), form.candidates)):
            return
        words = found[1].rstrip(".").split()
        for length in range(len(words), 0, -1):
            for region in self._gazetteer.lookup(" ".join(words[:length])):
                if region.kind not in ("admin1", "admin2", "country", "nation"):
                    continue
                inside = [n for n, c in enumerate(form.candidates) if _within(c, region)]
                if inside:
                    form.qualified = True
                    for n in inside:
                        form.prior[n] += _QUALIFIED
                    return


def kilometres(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """The distance of two points along the globe."""
    a, b, c, d = map(math.radians, (lat1, lon1, lat2, lon2))
    h = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 12742 * math.asin(math.sqrt(min(1.0, h)))


def _listed(text: str, at: int, candidates: Sequence[Candidate]) -> bool:
    """Whether a comma lists rather than qualifies: "Berlin, New York and Tokyo"."""
    famous = any(c.kind == "capital" or (c.preferred and c.population > 1_000_000) for c in candidates)
    return famous and _LIST_GOES_ON.match(text, at) is not None


def _plainly_country(form: Form) -> bool:
    # "The US, France and Germany" is a list, though a village in France is called Us.
    top = max(form.candidates, key=prior_of)
    return top.kind == "country" and all(c.kind != "admin1" for c in form.candidates)


def _within(place: Candidate, region: Candidate) -> bool:
    if place.ref == region.ref:
        return False
    if region.kind == "country":
        return place.country == region.country and place.kind != "country"
    if region.kind == "admin1":
        return place.admin1 is not None and place.admin1 == region.admin1
    if region.kind == "admin2":
        return place.admin2 is not None and place.admin2 == region.admin2
    return place.country == region.country  # England, Scotland, Wales


def _best(form: Form) -> Resolved | None:
    if not form.candidates:
        return None
    place, share = max(zip(form.candidates, form.shares, strict=True), key=lambda pair: pair[1])
    # The city, its district and its division share a name and a spot: they do not doubt each other.
    same = sum(
        other_share
        for other, other_share in zip(form.candidates, form.shares, strict=True)
        if other is place or _close(other, place)
    )
    return Resolved(place, round(min(1.0, max(share, same)) * form.certainty, 3), form.exact)


def _close(one: Candidate, other: Candidate) -> bool:
    if None in (one.lat, one.lon, other.lat, other.lon):
        return False
    return kilometres(one.lat, one.lon, other.lat, other.lon) <= 50  # type: ignore[arg-type]
