"""A name as found in a text, while the stages still work on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from services.models import EntityType


class Label(StrEnum):
    """What kind of name; finer than what an article shows, coarser than what models say."""

    PERSON = "PERSON"
    ORG = "ORG"
    GROUP = "GROUP"
    GPE = "GPE"  # a place that can act: country, division, city
    LOC = "LOC"  # any other place
    NORP = "NORP"  # nationality, religion, people
    EVENT = "EVENT"
    OTHER = "OTHER"

    @property
    def is_place(self) -> bool:
        """Whether it may have a point on the map."""
        return self in (Label.GPE, Label.LOC)


#: What pipelines of all languages call it; everything else they find (dates, sums) is no name.
FROM_MODEL = {
    "PERSON": Label.PERSON,
    "PER": Label.PERSON,
    "ORG": Label.ORG,
    "GPE": Label.GPE,
    "LOC": Label.LOC,
    "FAC": Label.LOC,
    "NORP": Label.NORP,
    "EVENT": Label.EVENT,
    "WORK_OF_ART": Label.OTHER,
    "PRODUCT": Label.OTHER,
    "LAW": Label.OTHER,
    "MISC": Label.OTHER,
    # Pipelines trained on other corpora: Japanese, Chinese and Korean, Romanian, Polish, Swedish.
    "persName": Label.PERSON,
    "orgName": Label.ORG,
    "placeName": Label.GPE,
    "geogName": Label.LOC,
    "PRS": Label.PERSON,
    "GEO": Label.LOC,
    "GEO_LOC": Label.LOC,
    "FACILITY": Label.LOC,
    "ORGANIZATION": Label.ORG,
    "NAT_REL_POL": Label.NORP,
    "NORP_POL": Label.NORP,
    "PS": Label.PERSON,
    "OG": Label.ORG,
    "LC": Label.LOC,
}

TO_ENTITY = {
    Label.PERSON: EntityType.PERSON,
    Label.ORG: EntityType.ORGANISATION,
    Label.GROUP: EntityType.GROUP,
    Label.GPE: EntityType.PLACE,
    Label.LOC: EntityType.PLACE,
    Label.NORP: EntityType.NATIONALITY,
    Label.EVENT: EntityType.EVENT,
    Label.OTHER: EntityType.OTHER,
}
FROM_ENTITY = {
    EntityType.PERSON: Label.PERSON,
    EntityType.ORGANISATION: Label.ORG,
    EntityType.GROUP: Label.GROUP,
    EntityType.PLACE: Label.GPE,
    EntityType.NATIONALITY: Label.NORP,
    EntityType.EVENT: Label.EVENT,
    EntityType.OTHER: Label.OTHER,
}


@dataclass(slots=True)
class Name:
    """One mention. ``text`` is always the text's own ``[start:end]``."""

    start: int
    end: int
    text: str
    label: Label
    trusted: bool = False  # from the file's own tags or from our tables: rules leave its label alone


def without_overlaps(names: Iterable[Name]) -> list[Name]:
    """In order of position; of two that overlap the trusted one stays, then the longer, then the first."""
    kept: list[Name] = []
    for name in sorted(names, key=lambda n: (n.start, n.start - n.end)):
        if kept and name.start < kept[-1].end:
            last = kept[-1]
            if (name.trusted, name.end - name.start) > (last.trusted, last.end - last.start):
                kept[-1] = name
            continue
        kept.append(name)
    return kept
