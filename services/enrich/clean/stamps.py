"""Dates that stand in lines about an article, with the words that say what they are of."""

import re
from dataclasses import dataclass
from datetime import datetime

from services.enrich.clean import dates

_CHANGED = re.compile(
    r"updat|aktuali|modif|edited|mis[ea]? à jour|actuali[sz]a|aggiorn|bijgewerkt|oppdater|uppdater|opdater"
    r"|geändert|bearbeitet|päivitetty|обновлен|\bstand\b",
    re.IGNORECASE,
)
#: A label that says what a date is the date of ("Deadline:"), unless it is that of the article.
_OTHER_DATE = re.compile(
    rf"(?!.*(?:publi|ver[öo]ffentlicht|erstellt|erschienen|posted|created|\bdate|dat[ou]m|pubblica|{_CHANGED.pattern}))"
    r"(?:[^:]{3,30}:$|effective\b|deadline\b)",
    re.IGNORECASE,
)
_SPAN = re.compile(r"\s*(?:[-–—]|to|until|bis|au|al|до)\s*", re.IGNORECASE)
_EDGES_BUT_COLON = " ,|·•–—-/()"
EDGES = _EDGES_BUT_COLON + ":"
_LONGEST_LABEL = 40


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date with what stands before it on its line, and what else the line says."""

    label: str
    around: str
    moment: datetime

    @property
    def is_update(self) -> bool:
        """Whether it is that of a change."""
        return _CHANGED.search(self.label or self.around) is not None

    @property
    def is_other(self) -> bool:
        """Whether it is that of something else than the article: a deadline, a release."""
        return _OTHER_DATE.match(self.label) is not None


def read(text: str) -> list[Stamp]:
    """The dates of a line, from left to right; of those behind the first only such as say what they are of.

    The first has the rest of the line around it.
    """
    found = dates.find(text)
    if found is None:
        return []
    moment, begin, end = found
    label = text[:begin].strip(_EDGES_BUT_COLON)
    later, behind = _later(text[end:])
    return [Stamp(label, f"{label} {behind}".strip(EDGES), moment), *later]


def begins_span(text: str) -> bool:
    """Whether a line's first date is the first day of several, as an event has them."""
    found = dates.find(text)
    until = dates.find(text[found[2] :]) if found else None
    return (
        found is not None and until is not None and _SPAN.fullmatch(text[found[2] :][: until[1]]) is not None
    )


def _later(text: str) -> tuple[list[Stamp], str]:
    """Further dates of a line that say what they are of ("3 May 2024, updated 5 May 2024"); what is left."""
    found: list[Stamp] = []
    while (date := dates.find(text)) is not None:
        moment, begin, end = date
        label = text[:begin].strip(_EDGES_BUT_COLON)
        if len(label) > _LONGEST_LABEL or not any(map(str.isalpha, label)):
            break
        found.append(Stamp(label, label, moment))
        text = text[end:]
    return found, text
