"""The examples and what an editor expects of each; compares that with what Copydesk makes of the file.

`differences(expected, record)` takes one of `examples/expected/` and one line of `copydesk inspect`. What
the keys of an expected record mean stands in `examples/README.md`. What is known to fall short stands in
`shortfalls.txt`; all of it is told by `copydesk inspect examples/files | python -m tests.examples`.
"""

import json
import math
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent.parent / "examples"
FILES = sorted((FOLDER / "files").iterdir())
SHORTFALLS = Path(__file__).parent / "shortfalls.txt"

Record = dict[str, Any]

DATES = {"published", "updated", "embargo"}
CLOSE_KM = 25  # gazetteers disagree by this much on where a large city is
ONE_BY_ONE = {"people", "organisations", "body_excludes", "authors_excludes"}
EMPTY: Record = {"body": "", "authors": [], "entities": [], "places": [], "quotes": []}  # left out when so
MARKS = "\"'“”„‟‘’‚«»‹› "
STOPS = MARKS + ",.;:!?…"


class Difference(NamedTuple):
    """One expectation that does not hold."""

    article: int  # position in the file, from 1; 0 is the file itself
    field: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.name}: expected {self.expected!r}, found {self.found!r}"

    @property
    def name(self) -> str:
        """The expectation in short: `1 headline`, `1 places Paris`."""
        which = ""
        if isinstance(self.expected, dict):
            which = self.expected.get("name") or self.expected.get("text") or ""
        elif self.field in ONE_BY_ONE:
            which = self.expected
        return f"{self.article} {self.field} {which}".rstrip()


def expectation(file: Path) -> Record:
    """Read what an editor expects of this example."""
    return json.loads((FOLDER / "expected" / f"{file.name}.json").read_text(encoding="utf-8"))


def shortfalls(file: Path) -> set[str]:
    """Names of the expectations that Copydesk is known not to meet in this example."""
    lines = [line.split(": ", 1) for line in SHORTFALLS.read_text(encoding="utf-8").splitlines()]
    return {name for example, name in lines if example == file.name}


def differences(expected: Record, record: Record) -> list[Difference]:
    """Everything in which the record falls short of what is expected; empty when all holds."""
    for field in ("outcome", "reason"):
        if expected.get(field) != record.get(field):
            return [
                Difference(0, field, expected.get(field), f"{record.get(field)} ({record.get('detail')})")
            ]
    wanted, made = expected["articles"], record["articles"]
    if len(wanted) != len(made):
        return [Difference(0, "articles", len(wanted), [article["headline"] for article in made])]
    return [
        Difference(position, *difference)
        for position, (want, article) in enumerate(zip(wanted, made, strict=True), start=1)
        for difference in [*_fall_short(want, EMPTY | article), *_untrue_offsets(EMPTY | article)]
    ]


def _fall_short(want: Record, article: Record) -> Iterator[tuple[str, Any, Any]]:
    words = article["body"].split()
    line = " ".join(words)
    for key, value in want.items():
        match key:
            case "body_starts":
                yield from _unless(line.startswith(value), key, value, line[: len(value) + 20])
            case "body_ends":
                yield from _unless(line.endswith(value), key, value, line[-len(value) - 20 :])
            case "body_words":
                yield from _unless(len(words) == value, key, value, len(words))
            case "people":
                yield from _missing_names(key, value, article, {"person"})
            case "organisations":
                yield from _missing_names(key, value, article, {"organisation", "group"})
            case "places":
                yield from _unresolved(value, article)
            case "quotes":
                yield from _unattributed(value, article)
            case "no_entities":
                yield from _unless(not article["entities"], key, [], article["entities"])
            case _ if key.endswith("_excludes"):
                found = article[key.removesuffix("_excludes")]
                yield from ((key, dirt, "it there") for dirt in value if dirt in found)
            case _:
                yield from _unless(_holds(key, value, article.get(key)), key, value, article.get(key))


def _unless(holds: bool, *difference: Any) -> Iterator[tuple[Any, ...]]:
    if not holds:
        yield difference


def _holds(key: str, want: Any, found: Any) -> bool:
    if found is None:
        return want is None
    if key in DATES:
        return _same_time(want, found)
    if key == "language":
        return found == want or found.startswith(f"{want}-")
    if key == "keywords":
        return set(want) <= set(found)
    if key == "subjects":
        return all(any(subject.items() <= other.items() for other in found) for subject in want)
    if key == "original_source":
        return want["name"] == found["name"] and _same_time(want["published"], found["published"])
    return want == found


def _same_time(want: str, found: str | None) -> bool:
    if found is None:
        return False
    if len(want) == len("2025-01-31"):
        return found.startswith(want)
    return datetime.fromisoformat(want) == datetime.fromisoformat(found)


def _missing_names(
    key: str, names: list[str], article: Record, types: set[str]
) -> Iterator[tuple[str, Any, Any]]:
    found = [entity["name"] for entity in article["entities"] if entity["type"] in types]
    for name in names:
        if name not in {other.removeprefix("the ").removeprefix("The ") for other in found}:
            yield key, name, found


def _unresolved(places: list[Record], article: Record) -> Iterator[tuple[str, Any, Any]]:
    written: dict[str, set[str]] = {}
    for entity in article["entities"]:
        written[entity["id"]] = {entity["name"], *(mention["text"] for mention in entity["mentions"])}
    for want in places:
        called = [p for p in article["places"] if want["name"] in written.get(p["id"], set()) | {p["name"]}]
        if not any(
            want["country"] == place.get("country") and _close(want, place.get("location"))
            for place in called
        ):
            found = [
                (place["name"], place.get("country"), place.get("location"))
                for place in called or article["places"]
            ]
            yield "places", want, found


def _close(want: Record, point: Record | None) -> bool:
    if "lat" not in want:
        return True
    if point is None:
        return False
    north, south = math.radians(want["lat"]), math.radians(point["lat"])
    turn = math.radians(want["lon"] - point["lon"])
    bow = math.sin((north - south) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(turn / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(bow)) <= CLOSE_KM


def _unattributed(quotes: list[Record], article: Record) -> Iterator[tuple[str, Any, Any]]:
    found = [((quote["speaker"] or {}).get("name"), quote["text"]) for quote in article["quotes"]]
    bare = {(speaker, text.strip(STOPS)) for speaker, text in found}
    for want in quotes:
        if (want["speaker"], want["text"].strip(STOPS)) not in bare:
            yield "quotes", want, found


def _untrue_offsets(article: Record) -> Iterator[tuple[str, Any, Any]]:
    mentions = [mention for entity in article["entities"] for mention in entity["mentions"]]
    for part in [*mentions, *article["quotes"]]:
        there = article["body"][part["start"] : part["end"]]
        if there != part["text"]:
            yield "offsets", part["text"], there


def main() -> None:
    """Read what `copydesk inspect examples/files` prints and tell where it falls short, line by line."""
    for record in map(json.loads, sys.stdin):
        file = FOLDER / "files" / Path(record["file"]).name
        for difference in differences(expectation(file), record):
            sys.stdout.write(f"{file.name}: {difference}\n")


if __name__ == "__main__":
    main()
