"""Reads articles that are annotated in place: [[key|name]] and {{key|quoted words}}."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from services.enrich.entities.name import Label, Name

GOLD = Path(__file__).parent.parent / "gold" / "entities"
_LABELS = {
    "p": Label.PERSON,
    "o": Label.ORG,
    "g": Label.GROUP,
    "l": Label.GPE,
    "n": Label.NORP,
    "e": Label.EVENT,
}
_MARK = re.compile(r"\[\[(?P<key>[^|\]]+)\||\]\]|\{\{(?P<speaker>[^|}]+)\||\}\}")


@dataclass(frozen=True)
class Said:
    """Words and whose they are: an entity's key, or ``=words`` for someone without a name."""

    start: int
    end: int
    speaker: str


@dataclass
class Marked:
    """An article with its annotations; offsets are into the text without marks."""

    id: str
    text: str
    names: list[Name] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    quotes: list[Said] = field(default_factory=list)


def load(folder: Path = GOLD) -> list[Marked]:
    """All annotated articles of a folder."""
    return [parse(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.txt"))]


def parse(identifier: str, source: str) -> Marked:
    """One article."""
    text, at, opened = "", 0, []
    names: list[tuple[int, int, str]] = []
    quotes = []
    for mark in _MARK.finditer(source):
        text += source[at : mark.start()]
        at = mark.end()
        if mark["key"] or mark["speaker"]:
            opened.append((len(text), mark["key"], mark["speaker"]))
            continue
        start, key, speaker = opened.pop()
        if key:
            names.append((start, len(text), key))
        else:
            quotes.append(Said(start, len(text), speaker))
    text += source[at:]
    names.sort()
    return Marked(
        identifier,
        text,
        [Name(start, end, text[start:end], _LABELS[key[0]]) for start, end, key in names],
        [key for _, _, key in names],
        sorted(quotes, key=lambda quote: quote.start),
    )
