"""What speaks for one place of a name rather than for another."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.enrich.entities.gazetteer import Candidate

# How far each kind of evidence moves a score; a unit of the prior is a factor of ten in population.
_COUNTRY, _DIVISION, _COUNTY, _NEAR = 1.0, 1.6, 1.4, 1.4
_ROUNDS = 3
# More candidates than these never win and cost time: "San José" has hundreds.
_MOST = 24
_LOCAL = {"city", "capital", "admin2", "borough", "district", "island", "lake", "bay", "mountain", "volcano"}


@dataclass(slots=True)
class Form:
    """All mentions of one spelling."""

    candidates: Sequence[Candidate]
    prior: list[float] = field(default_factory=list)
    regions: list[list[tuple[object, float]]] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)  # how likely each is, in sum 1
    count: int = 0
    qualified: bool = False
    certainty: float = 1.0  # less when only a part of the name is known
    exact: bool = True  # whether it is the place itself, not one in or around it

    def __post_init__(self) -> None:
        self.prior = [prior_of(candidate) for candidate in self.candidates]
        self.regions = [_regions(candidate) for candidate in self.candidates]


def vote(forms: Sequence[Form]) -> None:
    """Lets the names of a document agree: each speaks for the regions of what it probably means."""
    for form in forms:
        form.shares = _softmax(form.prior)
    for _ in range(_ROUNDS):
        votes: dict[object, float] = defaultdict(float)
        own = [_spoken(form) for form in forms]
        for spoken in own:
            for key, vote in spoken.items():
                votes[key] += vote
        for form, spoken in zip(forms, own, strict=True):
            if len(form.candidates) > 1:
                form.shares = _softmax(
                    [
                        prior
                        + sum(
                            weight * math.log1p(max(0.0, votes[key] - spoken.get(key, 0.0)))
                            for key, weight in regions
                            if weight
                        )
                        for prior, regions in zip(form.prior, form.regions, strict=True)
                    ]
                )


def _spoken(form: Form) -> dict[object, float]:
    spoken: dict[object, float] = defaultdict(float)
    weight = (1 + math.log(form.count)) * form.certainty if form.count else 1.0
    for regions, share in zip(form.regions, form.shares, strict=True):
        if share > 0.02:
            for key, _ in regions:
                spoken[key] += share * weight
    return spoken


def shortlist(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """The candidates worth weighing."""
    if len(candidates) <= _MOST:
        return candidates
    return sorted(candidates, key=prior_of, reverse=True)[:_MOST]


def prior_of(place: Candidate) -> float:
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
    if place.kind == "country" and not place.preferred:
        return score - 2.0  # as another language calls it: "Tunis" is Tunisia in Croatian
    return score + (2.5 if place.usual else 0.8 if place.preferred else -0.4)


def _regions(place: Candidate) -> list[tuple[object, float]]:
    """What a place speaks for: its country, its divisions, the cells around it.

    With each goes how much it counts for the place itself; a neighbouring cell does not.
    """
    regions: list[tuple[object, float]] = []
    if place.country:
        regions.append((place.country, _COUNTRY))
    if place.admin1:
        regions.append((place.admin1, _DIVISION))
    if place.admin2:
        regions.append((f"admin2 {place.admin2}", _COUNTY))
    # A country or a division has a point but no neighbourhood.
    if place.lat is not None and place.lon is not None and place.kind in _LOCAL:
        lat, lon = math.floor(place.lat), math.floor(place.lon)
        regions += [((lat + i, lon + j), 0.0 if i or j else _NEAR) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return regions


def _softmax(scores: Sequence[float]) -> list[float]:
    if not scores:
        return []
    top = max(scores)
    powers = [math.exp(1.5 * (score - top)) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]
