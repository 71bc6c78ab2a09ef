"""docs/querying.md promises that every request in it runs; here it does, and finds what it says."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from services.index.document import to_document
from services.index.elasticsearch import ElasticsearchIndex, connect
from services.models import (
    Article,
    Block,
    BlockKind,
    Entity,
    EntityType,
    Mention,
    Place,
    Point,
    Provenance,
    Quote,
    Speaker,
    Status,
    Subject,
)

PAGE = Path(__file__).parents[2] / "docs" / "querying.md"
REQUEST = re.compile(
    r"^### (?P<title>.+?)\n(?:(?!^### ).)*?`POST /(?P<alias>[a-z-]+)/_search`\n+```json\n(?P<body>.+?)^```",
    re.MULTILINE | re.DOTALL,
)
REQUESTS = {
    found["title"]: (found["alias"], json.loads(found["body"]))
    for found in REQUEST.finditer(PAGE.read_text())
}

NOON = datetime(2024, 5, 4, 12, tzinfo=UTC)
TEXT = "🕊 Geir Pedersen hopes. “A ceasefire is near,” he said in Aleppo, where ceasefire talks went on."
PEDERSEN = Speaker(id="person:geir-pedersen", name="Geir Pedersen")
ARTICLE = Article(
    uid="urn:newsml:example.org:20240504:talks",
    headline="Envoy hopeful",
    published=NOON,
    language="en-GB",
    subjects=(Subject(scheme="medtop", code="20000053", name="peace process"),),
    blocks=(Block(kind=BlockKind.PARAGRAPH, text=TEXT),),
    entities=(
        Entity(
            id="person:geir-pedersen",
            name="Geir Pedersen",
            type=EntityType.PERSON,
            salience=0.8,
            mentions=(Mention(start=2, end=15, text="Geir Pedersen"),),
        ),
        Entity(id="org:un", name="United Nations", type=EntityType.ORGANISATION, salience=0.1),
    ),
    places=(Place(id="geo:170063", name="Aleppo", country="SY", location=Point(lat=36.2, lon=37.16)),),
    quotes=(Quote(text="A ceasefire is near,", start=24, end=44, speaker=PEDERSEN),),
)
KILLED = Article(uid="urn:newsml:example.org:20240504:wrong", headline="Wrong", status=Status.CANCELED)
HIDDEN = "What is hidden, and why"


@pytest.fixture
def index(elasticsearch_url: str, index_name: str) -> Iterator[ElasticsearchIndex]:
    index = connect(elasticsearch_url, alias=index_name)
    index.prepare()
    provenance = Provenance(
        key="wires/talks.xml", sha256="0", format="nitf", pipeline="p", received=NOON, indexed=NOON
    )
    index.put_many([to_document(each, provenance) for each in (ARTICLE, KILLED)])
    index.refresh()
    yield index
    index.close()


@pytest.fixture
def ask(index: ElasticsearchIndex, elasticsearch_url: str, index_name: str) -> Iterator[Any]:  # noqa: ARG001
    with Elasticsearch(elasticsearch_url) as client:

        def ask(title: str) -> dict[str, Any]:
            alias, body = REQUESTS[title]
            name = alias.replace("articles", index_name)
            return client.perform_request(
                "POST",
                f"/{name}/_search",
                body=body,
                headers={"accept": "application/json", "content-type": "application/json"},
            ).body

        yield ask


def test_the_page_has_its_requests():
    assert len(REQUESTS) == PAGE.read_text().count("`POST /") == 10


@pytest.mark.parametrize("title", REQUESTS)
def test_each_request_of_the_page_runs_and_finds(ask, title):
    hits = ask(title)["hits"]
    assert hits["total"]["value"] > 0
    if title != HIDDEN and hits["hits"]:
        assert ARTICLE.uid in {hit["_source"].get("uid", ARTICLE.uid) for hit in hits["hits"]}


def test_facets_count_by_canonical_names(ask):
    facets = ask("Facets: who, where and what, in what was found")["aggregations"]
    assert {
        name: [bucket["key"] for bucket in facets[name]["buckets"]] for name in facets if name != "days"
    } == {
        "people": ["Geir Pedersen"],
        "organisations": ["United Nations"],
        "places": ["Aleppo"],
        "countries": ["SY"],
        "subjects": ["peace process"],
    }


def test_quotes_come_with_their_place_in_the_body(ask):
    (hit,) = ask("What somebody has said about something")["hits"]["hits"]
    (quote,) = (inner["_source"] for inner in hit["inner_hits"]["quotes"]["hits"]["hits"])
    assert TEXT[quote["start"] : quote["end"]] == quote["text"]


def test_a_kill_is_among_the_changes_and_among_the_hidden(ask):
    for title in ("What has changed since my last look", HIDDEN):
        found = {hit["_source"]["uid"]: hit["_source"]["status"] for hit in ask(title)["hits"]["hits"]}
        assert found[KILLED.uid] == "canceled"
