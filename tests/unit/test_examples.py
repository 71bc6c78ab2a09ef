"""Every example becomes what an editor expects of it, through the same code that `copydesk inspect` runs."""

import os
from pathlib import Path
from typing import Any

import pytest

from services.enrich.dryrun import dry_run
from services.enrich.formats import FORMATS, sniff
from services.enrich.load import load_tools
from services.enrich.pipeline import Tools
from services.settings import Settings
from tests.examples import FILES, FOLDER, Record, differences, expectation, shortfalls


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(bucket=str(tmp_path_factory.mktemp("bucket")))


@pytest.fixture(scope="module")
def tools(settings: Settings) -> Tools:
    return load_tools(settings)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_example_becomes_what_an_editor_expects(file: Path, settings: Settings, tools: Tools) -> None:
    found = differences(expectation(file), dry_run(os.fsencode(file), settings, tools))

    surprises = [str(difference) for difference in found if difference.name not in shortfalls(file)]
    assert not surprises, "\n".join(surprises)
    healed = shortfalls(file) - {difference.name for difference in found}
    assert not healed, f"{file.name}: {healed} holds now; take the line off tests/shortfalls.txt"


def test_every_example_has_its_expected_record_and_no_record_is_left_over() -> None:
    records = {path.name for path in (FOLDER / "expected").iterdir()}

    assert records == {f"{file.name}.json" for file in FILES}


def test_every_format_of_the_table_has_an_example() -> None:
    shown = {sniff(file.read_bytes()) for file in FILES if expectation(file)["outcome"] == "indexed"}

    assert set(FORMATS) - shown == set(), "put one into examples/files and its record into examples/expected"


def test_the_file_sent_twice_is_the_same_to_the_byte() -> None:
    files = {file.name: file.read_bytes() for file in FILES}

    assert files["html-ferry-inquiry.html"] == files["html-ferry-inquiry-sent-twice.html"]


def test_the_windows_line_ends_of_an_example_survive_a_checkout() -> None:
    assert b"\r\n" in (FOLDER / "files" / "text-kisumu-nurses-strike.txt").read_bytes()


# How the comparison itself behaves.


def made(**changes: Any) -> Record:
    article = {
        "headline": "A bridge opens",
        "language": "en-GB",
        "published": "2025-03-01T10:00:00Z",
        "subjects": [{"scheme": "section", "code": None, "name": "Transport"}],
        "authors": ["Ann Cole"],
        "body": "Ann Cole said “it holds” in Paris.",
        "entities": [
            {"id": "p:ann", "name": "Ann Cole", "type": "person", "mentions": [at(0, "Ann Cole")]},
            {"id": "geo:1", "name": "City of Paris", "type": "place", "mentions": [at(28, "Paris")]},
        ],
        "places": [
            {"id": "geo:1", "name": "City of Paris", "country": "FR", "location": {"lat": 48.85, "lon": 2.35}}
        ],
        "quotes": [{**at(15, "it holds"), "speaker": {"id": "p:ann", "name": "Ann Cole"}}],
    }
    return {"outcome": "indexed", "reason": None, "detail": None, "articles": [article | changes]}


def at(start: int, text: str) -> Record:
    return {"start": start, "end": start + len(text), "text": text}


def fields(wanted: Record, record: Record) -> list[str]:
    return [
        difference.field for difference in differences({"outcome": "indexed", "articles": [wanted]}, record)
    ]


@pytest.mark.parametrize(
    "wanted",
    [
        {"headline": "A bridge opens"},
        {"language": "en"},
        {"published": "2025-03-01"},
        {"published": "2025-03-01T11:00:00+01:00"},
        {"subjects": [{"name": "Transport"}]},
        {"body_starts": "Ann Cole said", "body_ends": "in Paris.", "body_words": 7},
        {"body_excludes": ["Read more"], "authors_excludes": ["Desk"]},
        {"people": ["Ann Cole"]},
        {"places": [{"name": "Paris", "country": "FR", "lat": 48.9, "lon": 2.3}]},
        {"quotes": [{"speaker": "Ann Cole", "text": "it holds,"}]},
    ],
    ids="-".join,
)
def test_an_expectation_that_holds_is_no_difference(wanted: Record) -> None:
    assert fields(wanted, made()) == []


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"headline": "A bridge closes"}, "headline"),
        ({"language": "de"}, "language"),
        ({"published": "2025-03-02"}, "published"),
        ({"published": "2025-03-01T10:00:00+01:00"}, "published"),
        ({"updated": "2025-03-01"}, "updated"),
        ({"subjects": [{"code": "Transport"}]}, "subjects"),
        ({"body_words": 8}, "body_words"),
        ({"body_excludes": ["holds"]}, "body_excludes"),
        ({"people": ["Cole"]}, "people"),
        ({"organisations": ["Ann Cole"]}, "organisations"),
        ({"places": [{"name": "Paris", "country": "US"}]}, "places"),
        ({"places": [{"name": "Paris", "country": "FR", "lat": 43.6, "lon": 1.44}]}, "places"),
        ({"quotes": [{"speaker": "Paris", "text": "it holds"}]}, "quotes"),
        ({"no_entities": True}, "no_entities"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_expectation_that_fails_is_named(wanted: Record, field: str) -> None:
    assert fields(wanted, made()) == [field]


def test_a_mention_that_is_not_where_it_says_is_a_difference() -> None:
    assert fields({}, made(quotes=[at(0, "it holds") | {"speaker": None}])) == ["offsets"]


def test_another_outcome_or_another_number_of_articles_is_the_only_difference_told() -> None:
    refused = {"outcome": "quarantined", "reason": "empty", "articles": []}

    assert [d.field for d in differences(refused, made())] == ["outcome"]
    assert [d.field for d in differences({"outcome": "indexed", "articles": []}, made())] == ["articles"]
