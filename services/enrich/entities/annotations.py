"""What goes into the step beside the text, and what comes out of it."""

from dataclasses import dataclass

from services.models import Entity, EntityType, Place, Quote


@dataclass(frozen=True)
class Tagged:
    """A name that the file itself marks up, as NITF, ninjs and NewsML-G2 can."""

    name: str
    type: EntityType


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


@dataclass(frozen=True)
class Annotations:
    """What was found in one text."""

    entities: tuple[Entity, ...] = ()
    places: tuple[Place, ...] = ()
    quotes: tuple[Quote, ...] = ()
    spots: tuple[Spot, ...] = ()
