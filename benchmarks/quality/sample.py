"""One article against what a careful editor expects of it, fact by fact.

    python -m benchmarks.quality.sample ARTICLE EXPECTED.json

Runs `copydesk inspect ARTICLE` and prints a line for each expected fact that does not hold, then
how many hold of each kind. Mentions may be one off, coordinates 50 km.
"""

import argparse
import json
import math
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Fact = tuple[str, str, bool]  # kind, what, whether it holds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("article", type=Path)
    parser.add_argument("expected", type=Path)
    asked = parser.parse_args()
    command = [Path(sys.executable).with_name("copydesk"), "inspect", asked.article]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    (article,) = json.loads(done.stdout)["articles"]
    expected = json.loads(asked.expected.read_text("utf-8"))
    holds, all_ = Counter[str](), Counter[str]()
    for kind, what, held in facts(article, expected):
        all_[kind] += 1
        holds[kind] += held
        if not held:
            print(f"missed: {kind}: {what}")
    for kind, number in all_.items():
        print(f"{kind:<14} {holds[kind]} of {number}")
    print(f"{'all':<14} {holds.total()} of {all_.total()}")


def facts(article: dict[str, Any], expected: dict[str, Any]) -> Iterator[Fact]:
    """Every expected fact, in the order of the file."""
    for field in ("headline", "standfirst", "byline", "language"):
        yield "fields", field, article.get(field) == expected[field]
    yield "fields", "publisher", article.get("source") == expected["publisher"]
    yield "fields", "published", str(article.get("published")).startswith(expected["published"])
    original = article.get("original_source") or {}
    yield "fields", "original source", original.get("name") == expected["original_source"]["name"]
    day = expected["original_source"]["published"]
    yield "fields", "original date", str(original.get("published")).startswith(day)
    subjects = {subject.get("name") for subject in article.get("subjects", ())}
    for name in (*expected["region"], *expected["themes"], *expected["in_depth_report"]):
        yield "subjects", name, name in subjects
    yield from _body(article, expected)
    entities = {_key(entity["name"]): entity for entity in article["entities"]}
    for wanted in expected["entities"]:
        yield from _entity(wanted, entities, article)
    people = {_key(each["name"]) for each in expected["entities"] if each["type"] == "person"}
    found = {_key(each["name"]) for each in article["entities"] if each["type"] == "person"}
    yield "entities", f"no false person {sorted(found - people)}", found <= people
    quotes = [(quote["text"], (quote.get("speaker") or {}).get("name", "")) for quote in article["quotes"]]
    for text in expected["quotes_attributed_to_Igor_Konashenkov_at_least"]:
        yield "quotes", text, _said(quotes, text, "Igor Konashenkov")
    other = expected["quote_of_another_speaker"]
    yield "quotes", other["text"], _said(quotes, other["text"], other["speaker"])


def _body(article: dict[str, Any], expected: dict[str, Any]) -> Iterator[Fact]:
    body = article["body"]
    yield "body", "first sentence", body.startswith(expected["body_first_sentence"])
    yield "body", "last sentence", body.endswith(expected["body_last_sentence"])
    blocks = article["blocks"]
    for heading in expected["subheadings"]:
        kept = any(b["kind"] == "heading" and b["kept"] and b["text"] == heading for b in blocks)
        yield "body", f"subheading {heading}", kept
    for dropped in expected["dropped"]:
        start = dropped["starts"]
        cut = any(not b["kept"] and b["text"].startswith(start) for b in blocks) and start not in body
        yield "noise", f"{dropped['kind']}: {start}", cut


def _entity(wanted: dict[str, Any], entities: dict[str, Any], article: dict[str, Any]) -> Iterator[Fact]:
    name = wanted["name"].split(" (")[0]
    found = entities.get(_key(name))
    if found is None:  # by one of its forms, when we call it by another name
        forms = set(wanted["forms"])
        by_form = (e for e in article["entities"] if forms & {m["text"] for m in e["mentions"]})
        found = next(by_form, None)
    yield "entities", f"{wanted['type']} {name}", found is not None and found["type"] == wanted["type"]
    if found is None:
        return
    number, count = sum(wanted["forms"].values()), len(found["mentions"])
    yield "mentions", f"{name}: {count} for {number}", abs(count - number) <= 1
    if "lat" in wanted:
        place = next((place for place in article["places"] if place["id"] == found["id"]), {})
        yield "points", name, _near(place.get("location"), wanted)


def _near(point: dict[str, float] | None, wanted: dict[str, float]) -> bool:
    if point is None:
        return False
    a, b, c, d = map(math.radians, (point["lat"], point["lon"], wanted["lat"], wanted["lon"]))
    h = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 12742 * math.asin(math.sqrt(h)) <= 50


def _said(quotes: list[tuple[str, str]], text: str, speaker: str) -> bool:
    wanted = _key(text)
    return any(wanted in _key(found) or _key(found) in wanted for found, who in quotes if who == speaker)


def _key(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


if __name__ == "__main__":
    main()
