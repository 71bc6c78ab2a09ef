"""Well-known names that are no places: organisations, groups, events, peoples. Small, in memory."""

from dataclasses import dataclass
from functools import cache

from services.enrich.entities.fold import fold
from services.enrich.entities.name import FROM_ENTITY, Label
from services.enrich.entities.tables import rows, several
from services.models import EntityType


@dataclass(frozen=True, slots=True)
class Known:
    """A name of our tables."""

    id: str
    name: str
    label: Label
    country: str | None = None
    place: str | None = None  # for a nationality: the id of its country or division


class Lexicon:
    """Looks names up as they are written; from five letters on also in other spellings."""

    def __init__(self) -> None:
        self._exact: dict[str, Known] = {}
        self._folded: dict[str, Known] = {}
        #: Names of regions, seas and rivers that are several words: they are found as they stand.
        self.regions = tuple(
            name
            for row in rows("regions")
            for name in (row["name"], *several(row["aliases"]))
            if " " in name and name[0].isupper()
        )
        for row in rows("names"):
            kind = EntityType(row["type"])
            known = Known(
                f"{kind}:{row['id']}",
                row["name"],
                FROM_ENTITY[kind],
                row["country"] or None,
                row["place"] or None,
            )
            self._add((row["name"], *several(row["aliases"])), known)
        for row in rows("countries"):
            demonyms = several(row["demonyms"])
            if demonyms:
                code = row["iso"]
                place = f"country:{code}"
                self._add(demonyms, Known(f"nationality:{code}", demonyms[0], Label.NORP, code, place))
        for row in rows("divisions"):
            demonyms = several(row["demonyms"])
            if demonyms:
                place = f"{row['country']}.{row['code']}"
                known = Known(f"nationality:{place}", demonyms[0], Label.NORP, row["country"], place)
                self._add(demonyms, known)

    def find(self, text: str) -> Known | None:
        """The well-known name that ``text`` is, if any. "IS" is a group, "is" is not."""
        return self._exact.get(text) or (self._folded.get(fold(text)) if len(text) > 4 else None)

    def _add(self, names: tuple[str, ...], known: Known) -> None:
        for name in names:
            self._exact.setdefault(name, known)
            if len(name) > 4:
                self._folded.setdefault(fold(name), known)


@cache
def lexicon() -> Lexicon:
    """The one lexicon of this process; loaded before it forks."""
    return Lexicon()
