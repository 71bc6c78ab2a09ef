"""Which of the many places of a name an article means.

Four kinds of evidence, summed as scores: how well known a place is; a qualifier that stands behind the
name ("Paris, Texas"); the countries, divisions and neighbourhoods that the article's other names speak
for; and one sense per document.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.enrich.entities.fold import fold
from services.enrich.entities.gazetteer import Candidate, Gazetteer
from services.enrich.entities.name import Name

_QUALIFIER = re.compile(r"\s*[,(]\s*((?:[^\W\d_a-z][\w.’'-]*)(?:\s[^\W\d_a-z][\w.’'-]*){0,2})")
# How far each kind of evidence moves a score; a unit of the prior is a factor of ten in population.
_COUNTRY, _DIVISION, _NEAR = 0.8, 1.2, 1.0
# Enough for Moscow in Idaho over Russia's, not for Us in France: "the US, France and Germany".
_QUALIFIED = 5.0
_ROUNDS = 2
# More candidates than these never win and cost time: "San José" has hundreds.
_MOST = 24


@dataclass(slots=True)
class _Form:
    """All mentions of one spelling."""

    candidates: Sequence[Candidate]
    scores: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)  # how likely each is, in sum 1
    count: float = 0


@dataclass(frozen=True, slots=True)
class Resolved:
    """The place a mention stands for, and how sure that is."""

    place: Candidate
    confidence: float


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
        forms: dict[str, _Form] = {}
        qualified: dict[str, list[int]] = defaultdict(list)
        keys = []
        for name in names:
            key = fold(name.text)
            keys.append(key)
            form = forms.get(key)
            if form is None:
                form = forms[key] = _Form(_shortlist(self._gazetteer.lookup(name.text)))
                form.scores = [_prior(candidate) for candidate in form.candidates]
            form.count += 1
            if len(form.candidates) > 1 and not _plainly_country(form):
                self._qualify(text, name, form, qualified[key])
        for number, hint in enumerate(hints):
            if candidates := _shortlist(self._gazetteer.lookup(hint)):
                forms[f"hint {number}"] = _Form(candidates, [_prior(c) for c in candidates], count=1)
        self._vote(forms)
        best = {key: _best(form) for key, form in forms.items()}
        return [best[key] for key in keys]

    def _qualify(self, text: str, name: Name, form: _Form, done: list[int]) -> None:
        """Raises the candidates that lie in the division or country named right behind."""
        if done:
            return
        found = _QUALIFIER.match(text, name.end)
        if not found:
            return
        words = found[1].rstrip(".").split()
        for length in range(len(words), 0, -1):
            for region in self._gazetteer.lookup(" ".join(words[:length])):
                if region.kind not in ("admin1", "admin2", "country", "nation"):
                    continue
                inside = [n for n, c in enumerate(form.candidates) if _within(c, region)]
                if inside:
                    done.extend(inside)
                    for n in inside:
                        form.scores[n] += _QUALIFIED
                    return

    def _vote(self, forms: dict[str, _Form]) -> None:
        base = {key: list(form.scores) for key, form in forms.items()}
        for form in forms.values():
            form.shares = _softmax(form.scores)
        for _ in range(_ROUNDS):
            votes: dict[object, float] = defaultdict(float)
            for form in forms.values():
                weight = 1 + math.log(form.count)
                for candidate, share in zip(form.candidates, form.shares, strict=True):
                    if share > 0.02:
                        for key, part in _regions(candidate):
                            votes[key] += share * weight * part
            for name, form in forms.items():
                if len(form.candidates) < 2:
                    continue
                weight = 1 + math.log(form.count)
                own: dict[object, float] = defaultdict(float)
                for candidate, share in zip(form.candidates, form.shares, strict=True):
                    if share > 0.02:
                        for key, part in _regions(candidate):
                            own[key] += share * weight * part
                for n, candidate in enumerate(form.candidates):
                    form.scores[n] = base[name][n] + sum(
                        _weight(key) * math.log1p(max(0.0, votes[key] - own[key]))
                        for key in _own_regions(candidate)
                    )
                form.shares = _softmax(form.scores)


def _plainly_country(form: _Form) -> bool:
    # "The US, France and Germany" is a list, though a village in France is called Us.
    top = max(form.candidates, key=_prior)
    return top.kind == "country" and all(c.kind != "admin1" for c in form.candidates)


def _shortlist(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    if len(candidates) <= _MOST:
        return candidates
    return sorted(candidates, key=_prior, reverse=True)[:_MOST]


def _prior(place: Candidate) -> float:
    """How likely a bare name means this place: the logarithm of how many people live there, and more."""
    score = math.log10(place.population + 200)
    match place.kind:
        case "country":
            score += 2.0
        case "capital":
            score += 1.5
        case "city":
            score += 0.5
        case "admin1":
            score += 0.6
        case "admin2":
            score -= 0.6
        case _:  # regions, rivers, seas by hand: only well-known ones are in the table
            return 8.5
    return score + (2.5 if place.usual else 0.8 if place.preferred else -0.4)


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


def _cell(place: Candidate) -> tuple[int, int] | None:
    # A continent has a point but no neighbourhood.
    if place.lat is None or place.lon is None or place.kind in ("country", "continent", "region", "ocean"):
        return None
    return math.floor(place.lat), math.floor(place.lon)


def _regions(place: Candidate) -> list[tuple[object, float]]:
    """What a place speaks for: its country, its division, the nine cells around it."""
    spoken: list[tuple[object, float]] = []
    if place.country:
        spoken.append((place.country, 1.0))
    if place.admin1:
        spoken.append((("admin1", place.admin1), 1.0))
    if (cell := _cell(place)) and place.kind != "admin1":
        lat, lon = cell
        spoken += [((lat + i, lon + j), 1.0) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return spoken


def _own_regions(place: Candidate) -> list[object]:
    own: list[object] = []
    if place.country:
        own.append(place.country)
    if place.admin1:
        own.append(("admin1", place.admin1))
    if cell := _cell(place):
        own.append(cell)
    return own


def _weight(key: object) -> float:
    if isinstance(key, str):
        return _COUNTRY
    return _DIVISION if isinstance(key, tuple) and key[0] == "admin1" else _NEAR


def _softmax(scores: Sequence[float]) -> list[float]:
    if not scores:
        return []
    top = max(scores)
    powers = [math.exp(1.5 * (score - top)) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def _best(form: _Form) -> Resolved | None:
    if not form.candidates:
        return None
    place, share = max(zip(form.candidates, form.shares, strict=True), key=lambda pair: pair[1])
    # The city, its district and its division share a name and a spot: they do not doubt each other.
    same = sum(
        other_share
        for other, other_share in zip(form.candidates, form.shares, strict=True)
        if other is place or _close(other, place)
    )
    return Resolved(place, round(min(1.0, max(share, same)), 3))


def _close(one: Candidate, other: Candidate) -> bool:
    if None in (one.lat, one.lon, other.lat, other.lon):
        return False
    return kilometres(one.lat, one.lon, other.lat, other.lon) <= 50  # type: ignore[arg-type]


def kilometres(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """The distance of two points along the globe."""
    a, b, c, d = map(math.radians, (lat1, lon1, lat2, lon2))
    h = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 12742 * math.asin(math.sqrt(min(1.0, h)))
