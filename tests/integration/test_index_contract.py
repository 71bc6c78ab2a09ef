"""One contract, two indexes: every case runs against SQLite and against a real Elasticsearch."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.errors import Misconfigured, ServiceUnavailable
from services.index import MAX_DOCUMENT_BYTES, Index, IndexUnavailable, Outcome, Result
from services.index.document import Document, to_article, to_document
from services.index.elasticsearch import ElasticsearchIndex, connect
from services.index.mapping import ANALYSIS
from services.index.query import Query
from services.index.sqlite import SQLiteIndex
from services.models import (
    Article,
    Block,
    BlockKind,
    Dateline,
    Entity,
    EntityType,
    Link,
    Mention,
    OriginalSource,
    Place,
    Point,
    Provenance,
    Quote,
    Speaker,
    Status,
    Subject,
)

NOON = datetime(2024, 5, 4, 12, tzinfo=UTC)


def provenance(key: str = "a.xml", received: datetime = NOON) -> Provenance:
    return Provenance(
        key=key, sha256="0" * 64, format="nitf", pipeline="clean/1", received=received, indexed=received
    )


def article(uid: str = "urn:test:1", text: str = "The minister spoke.", **fields: Any) -> Article:
    fields.setdefault("published", NOON)
    fields.setdefault("headline", "A headline")
    return Article(uid=uid, blocks=(Block(kind=BlockKind.PARAGRAPH, text=text),), **fields)


def document(uid: str = "urn:test:1", text: str = "The minister spoke.", **fields: Any) -> Document:
    return to_document(article(uid, text, **fields), provenance())


def whole_article() -> Article:
    """Every field of the model, filled."""
    text = "Ali Haidar said: “We stay.” He left Idlib for Washington."
    return Article(
        uid="tag:example.org,2024:9",
        version="3",
        headline="Haidar leaves Idlib",
        kicker="Syria",
        standfirst="A minister goes.",
        byline="By Ana María Ruiz in Idlib",
        authors=("Ana María Ruiz",),
        dateline=Dateline(text="IDLIB, Syria (AP) —", place="Idlib", location=Point(lat=35.93, lon=36.63)),
        published=NOON,
        updated=NOON + timedelta(hours=1, microseconds=5),
        embargo=NOON,
        language="en-GB",
        source="AP",
        provider="Example Wire",
        original_source=OriginalSource(name="Example Daily", published=NOON),
        credit="AP/Ruiz",
        copyright="© AP",
        editorial_note="ADDS quote",
        url="https://example.org/9",
        subjects=(Subject(scheme="medtop", code="20000053", name="war"),),
        keywords=("syria", "talks"),
        genre="current",
        urgency=4,
        links=(Link(rel="seeAlso", target="urn:test:8", title="Earlier"),),
        blocks=(
            Block(kind=BlockKind.PARAGRAPH, text=text),
            Block(kind=BlockKind.PROMOTION, text="Subscribe now!", kept=False),
        ),
        entities=(
            Entity(
                id="person:ali-haidar",
                name="Ali Haidar",
                type=EntityType.PERSON,
                salience=0.9,
                mentions=(Mention(start=0, end=10, text="Ali Haidar"),),
                role="minister",
                country="SY",
            ),
            Entity(id="org:un", name="United Nations", type=EntityType.ORGANISATION),
            Entity(id="geo:169577", name="Idlib", type=EntityType.PLACE, country="SY"),
        ),
        places=(
            Place(
                id="geo:169577",
                name="Idlib",
                location=Point(lat=35.93, lon=36.63),
                country="SY",
                admin1="Idlib",
                kind="city",
                confidence=0.8,
            ),
        ),
        quotes=(
            Quote(
                text="We stay.", start=18, end=26, speaker=Speaker(id="person:ali-haidar", name="Ali Haidar")
            ),
        ),
        story="s-1",
        repaired="line 3: Premature end of data",
        recognition="model",
    )


class Contract:
    """What both must do. A subclass gives the index, and one that no service stands behind."""

    @pytest.fixture
    def put(self, index: Index) -> Callable[..., list[Outcome]]:
        def put(*documents: Document) -> list[Outcome]:
            outcomes = index.put_many(documents)
            index.refresh()
            return outcomes

        return put

    def test_what_is_put_is_given_back_whole(self, index, put):
        stored = to_document(whole_article(), provenance())
        assert put(stored) == [Outcome(stored.id, Result.INDEXED)]
        assert index.get(stored.id) == stored
        assert to_article(index.get(stored.id).source) == whole_article()

    def test_what_is_not_there_is_none(self, index):
        assert index.get("0" * 32) is None
        assert not index.delete("0" * 32)
        assert index.by_key("nothing.xml") == []
        assert index.search(Query(words="anything")).total == 0

    def test_preparing_again_and_by_many_at_once_changes_nothing(self, index, put):
        put(document())
        raised = []

        def prepare():
            try:
                index.prepare()
            except Exception as error:  # noqa: BLE001  # any of them fails the test below
                raised.append(error)

        threads = [threading.Thread(target=prepare) for _ in range(5)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert not raised
        assert index.count() == 1

    def test_a_deleted_document_is_gone(self, index, put):
        (outcome,) = put(document())
        assert index.delete(outcome.id)
        index.refresh()
        assert index.get(outcome.id) is None
        assert index.count() == index.search(Query(words="minister")).total == 0

    def test_an_empty_batch_is_no_work(self, index):
        assert index.put_many([]) == []

    # Versions.

    def test_the_same_document_again_is_indexed_again_and_counts_once(self, index, put):
        put(document())
        (outcome,) = put(document())
        assert outcome.result is Result.INDEXED
        assert index.count() == 1

    def test_a_newer_version_replaces_the_older_in_searches_too(self, index, put):
        put(document(text="The first draft.", version="1"))
        put(document(text="The second draft.", version="2"))
        assert index.search(Query(words="first")).total == 0
        assert index.search(Query(words="second")).total == 1

    def test_an_older_version_that_arrives_late_is_superseded_and_changes_nothing(self, index, put):
        newer, older = document(text="new", version="10"), document(text="old", version="9")
        put(newer)
        assert put(older) == [Outcome(older.id, Result.SUPERSEDED)]
        assert index.get(newer.id) == newer

    def test_of_one_id_twice_in_a_batch_the_newer_stays_whatever_the_order(self, index, put):
        newer, older = document(version="2"), document(version="1")
        assert [outcome.result for outcome in put(newer, older)] == [Result.INDEXED, Result.SUPERSEDED]
        other_newer = document("urn:test:2", version="2")
        assert [outcome.result for outcome in put(document("urn:test:2", version="1"), other_newer)] == [
            Result.INDEXED,
            Result.INDEXED,
        ]
        assert index.get(other_newer.id) == other_newer

    @pytest.mark.parametrize("version", [None, "4"])
    def test_a_kill_that_arrives_before_its_story_wins(self, index, put, version):
        kill = document(status=Status.CANCELED, version=version, published=NOON - timedelta(days=1))
        put(kill)
        story = document(version="3", updated=NOON + timedelta(days=1))
        assert put(story) == [Outcome(story.id, Result.SUPERSEDED)]
        assert index.search(Query(words="minister")).total == 0
        assert index.get(kill.id).source["status"] == "canceled"

    # What readers may see.

    def test_a_killed_story_can_no_longer_be_found_and_keeps_its_headline_only(self, index, put):
        put(document(version="1"))
        put(document(version="2", status=Status.CANCELED))
        assert index.search(Query(words="minister")).total == 0
        (kept,) = index.by_key("a.xml")
        assert kept.source["headline"] == "A headline"
        assert not {"body", "blocks", "entities", "quotes"} & kept.source.keys()
        assert index.count() == 1

    def test_what_is_withheld_is_hidden_and_still_there(self, index, put):
        (outcome,) = put(document(status=Status.WITHHELD))
        assert index.search(Query()).total == 0
        assert index.get(outcome.id) is not None

    def test_an_embargoed_article_appears_at_its_time_without_a_write(self, index, put):
        ends = datetime.now(UTC) + timedelta(seconds=2)
        put(document(embargo=ends))
        assert index.search(Query(words="minister")).total == 0
        time.sleep(max(0, (ends - datetime.now(UTC)).total_seconds()) + 0.2)
        assert index.search(Query(words="minister")).total == 1

    # Searching.

    def test_a_hit_says_what_a_list_of_results_shows(self, index, put):
        stored = to_document(whole_article(), provenance())
        put(stored)
        results = index.search(Query(words="haidar washington"))
        assert results.total == 1
        (hit,) = results.hits
        assert (hit.id, hit.headline, hit.published) == (stored.id, "Haidar leaves Idlib", NOON)
        assert (hit.people, hit.source, hit.url) == (("Ali Haidar",), "AP", "https://example.org/9")
        assert hit.places[0].name == "Idlib"
        assert hit.places[0].location == Point(lat=35.93, lon=36.63)
        assert hit.score > 0
        marked = {piece.text[start:end] for piece in hit.fragments for start, end in piece.marks}
        assert marked == {"Haidar", "Washington"}
        assert all(piece.text in stored.source["body"] for piece in hit.fragments)

    @pytest.mark.parametrize(
        ("words", "finds"),
        [
            ("konashenkov", True),
            ("KONASHENKOV karabakh", True),
            ("konashenkov yesterday", False),  # all words
            ("nagorno-karabakh", True),
            ('"arrived in Nagorno"', True),
            ("“arrived in Nagorno”", True),  # as word processors quote
            ('"in arrived"', False),
            ('"arrived in', True),  # a quote that never ends is one of words
            ("munchen", True),  # accents do not matter
            ("MÜNCHEN", True),
            ("d'Artagnan", True),
            ("artagnan", True),
            ("headline", True),  # found in another field than the body
            ("headline konashenkov", True),  # one word here, the other there
            ("arrived OR nothing", False),  # no operators
            ("arriv*", False),
            ("NEAR(arrived", False),
            ("body:arrived", False),
            ("arrived !", True),
            ("?!", False),
            ("AND", False),
            ("\udcff", False),
            ("arrived " * 64, True),
            ('"' + "arrived " * 200 + '"', False),
        ],
    )
    def test_words_find(self, index, put, words, finds):
        put(document(text="Gen. Konashenkov’s men arrived in Nagorno-Karabakh. München: D’Artagnan."))
        assert index.search(Query(words=words)).total == int(finds)

    @pytest.mark.parametrize(
        ("text", "word"),
        [
            ("北京市の天気は晴れです。", "天気"),
            ("中国经济增长放缓", "经济增长"),
            ("서울에서 회담이 열렸다", "서울에서"),
            ("قال الرئيس إن المحادثات مستمرة", "المحادثات"),
            ("ראש הממשלה אמר", "הממשלה"),
            ("Президент заявил 🙂 журналистам", "журналистам"),
            ("Die 🇩🇪👩‍👩‍👧 Straße war gesperrt", "gesperrt"),
            ("one\ttwo\x0bthree\x85four\x1ffive\u2028six\u200bseven", "seven"),
        ],
    )
    def test_text_of_any_script_is_found_marked_and_given_back(self, index, put, text, word):
        stored = document(text=text)
        put(stored)
        (hit,) = index.search(Query(words=word)).hits
        marked = "".join(piece.text[start:end] for piece in hit.fragments for start, end in piece.marks)
        assert marked == word
        assert index.get(stored.id).source["body"] == text

    @pytest.mark.parametrize(
        ("filters", "finds"),
        [
            ({"person": "ali haidar"}, True),
            ({"person": "person:ali-haidar"}, True),
            ({"person": "haidar"}, False),
            ({"organisation": "UNITED NATIONS"}, True),
            ({"organisation": "Ali Haidar"}, False),
            ({"place": "idlib"}, True),
            ({"place": "geo:169577"}, True),
            ({"country": "sy"}, True),
            ({"country": "US"}, False),
            ({"language": "en"}, True),
            ({"language": "EN-gb"}, True),
            ({"language": "e"}, False),
            ({"since": NOON}, True),
            ({"since": NOON + timedelta(seconds=1)}, False),
            ({"until": NOON}, False),
            ({"until": NOON + timedelta(seconds=1)}, True),
            ({"person": "ali haidar", "country": "US"}, False),
            ({"words": "Washington", "place": "idlib", "since": NOON}, True),
        ],
    )
    def test_filters_narrow(self, index, put, filters, finds):
        put(to_document(whole_article(), provenance()))
        assert index.search(Query(**filters)).total == int(finds)

    def test_a_headline_counts_more_than_the_text(self, index, put):
        put(
            document("urn:test:1", "Budget talks went on about the budget.", headline="Other news"),
            document("urn:test:2", "Talks went on about other things.", headline="The budget"),
        )
        assert [hit.headline for hit in index.search(Query(words="budget")).hits] == [
            "The budget",
            "Other news",
        ]

    def test_without_words_the_newest_come_first_and_the_undated_last(self, index, put):
        times = {"old": NOON - timedelta(days=1), "new": NOON, "undated": None}
        put(*(document(f"urn:{name}", published=at, headline=name) for name, at in times.items()))
        assert [hit.headline for hit in index.search(Query()).hits] == ["new", "old", "undated"]

    def test_pages_follow_one_another(self, index, put):
        put(*(document(f"urn:test:{n}", published=NOON + timedelta(hours=n)) for n in range(5)))
        pages = [index.search(Query(words="minister", size=2, offset=offset)) for offset in (0, 2, 4)]
        assert [page.total for page in pages] == [5, 5, 5]
        assert [len(page.hits) for page in pages] == [2, 2, 1]
        assert len({hit.id for page in pages for hit in page.hits}) == 5

    @pytest.mark.parametrize("words", ["treasure", '"the treasure"'])
    def test_a_very_long_body_is_marked_at_its_end(self, index, put, words):
        stored = document(text=("lorem ipsum dolor " * 66_700) + "Finally the treasure.")
        put(stored)
        (hit,) = index.search(Query(words=words)).hits
        piece = hit.fragments[-1]
        assert " ".join(piece.text[start:end] for start, end in piece.marks) == words.strip('"')
        assert len(piece.text) < 1000
        assert index.get(stored.id) == stored

    # By key.

    def test_a_file_s_documents_are_found_by_its_key(self, index, put):
        odd = "desk//ﾃ\ud83d".encode("utf-8", "ignore").decode() + "\udcff\t/../a.xml"
        first = to_document(article("urn:test:1"), provenance(odd))
        second = to_document(article("urn:test:2", status=Status.WITHHELD), provenance(odd))
        put(first, second, document("urn:test:3"))
        assert sorted(found.id for found in index.by_key(odd)) == sorted([first.id, second.id])
        assert {found.version for found in index.by_key(odd)} == {first.version}

    def test_a_file_of_a_thousand_articles_is_found_whole(self, index, put):
        put(*(document(f"urn:test:{n}") for n in range(1100)))
        assert len({found.id for found in index.by_key("a.xml")}) == 1100

    # Refusals.

    @pytest.mark.parametrize(
        "fault",
        [
            {"headlin": "x"},
            {"dateline": {"text": "x", "city": "y"}},
            {"published": "Next Monday"},
            {"urgency": 1000},
            {"places": [{"id": "x", "name": "x", "location": {"lat": 95.0, "lon": 0.0}}]},
            {"headline": {"value": "x"}},
            {"quotes": ["x"]},
            {"original_source": "AP"},
        ],
        ids=lambda fault: next(iter(fault)),
    )
    def test_one_bad_document_is_refused_with_a_reason_and_its_mates_are_indexed(self, index, put, fault):
        good = [document(f"urn:test:{n}") for n in range(3)]
        bad = Document("bad", 1, {**document("urn:test:9").source, **fault})
        outcomes = put(good[0], bad, *good[1:])
        assert [outcome.result for outcome in outcomes] == ["indexed", "refused", "indexed", "indexed"]
        assert next(iter(fault)) in outcomes[1].reason
        assert index.count() == 3

    def test_a_document_too_large_for_any_server_is_refused_and_its_mates_are_indexed(self, put):
        large = document("urn:test:9", text="word " * (MAX_DOCUMENT_BYTES // 5))
        outcomes = put(document("urn:test:1"), large, document("urn:test:2"))
        assert [outcome.result for outcome in outcomes] == ["indexed", "refused", "indexed"]
        assert "bytes" in outcomes[1].reason

    def test_values_too_long_to_be_terms_are_kept(self, index, put):
        long = "x" * 5000
        stored = document(
            f"https://example.org/{long}",
            keywords=(long, "é" * 40_000),
            authors=(long,),
            url=f"https://example.org/{long}",
            entities=(Entity(id=long, name=long, type=EntityType.PERSON),),
        )
        assert put(stored)[0].result is Result.INDEXED
        assert index.get(stored.id) == stored

    def test_more_entities_than_can_be_nested_are_cut_not_refused(self, put):
        many = tuple(Entity(id=f"person:{n}", name=f"P {n}", type=EntityType.PERSON) for n in range(12_000))
        assert put(document(entities=many))[0].result is Result.INDEXED

    # When it does not answer.

    def test_an_index_that_does_not_answer_is_unavailable_and_says_what_to_send_again(self, silent_index):
        with pytest.raises(IndexUnavailable) as raised:
            silent_index.put_many([document("urn:test:1"), document("urn:test:2")])
        assert raised.value.outcomes == (None, None)
        assert isinstance(raised.value, ServiceUnavailable)

    def test_an_index_that_was_never_prepared_is_misconfigured(self, unprepared_index):
        for use in (
            lambda: unprepared_index.put_many([document()]),
            lambda: unprepared_index.get("x"),
            lambda: unprepared_index.by_key("x"),
            lambda: unprepared_index.search(Query(words="x")),
            lambda: unprepared_index.delete("x"),
            unprepared_index.count,
        ):
            with pytest.raises(Misconfigured):
                use()

    def test_a_scan_tells_every_document_and_where_it_came_from(self, index: Index) -> None:
        hidden = document("urn:test:hidden", status=Status.WITHHELD)
        written = [document(f"urn:test:{number}", published=NOON) for number in range(3)] + [hidden]
        index.put_many(written)
        index.refresh()
        found = {each.id: each for each in index.scan()}
        assert {each.id: each.version for each in written} == {
            each.id: each.version for each in found.values()
        }
        provenance = found[hidden.id].source["provenance"]
        assert (provenance["key"], provenance["sha256"]) == ("a.xml", "0" * 64)
        assert datetime.fromisoformat(provenance["indexed"]) == NOON


class TestSQLite(Contract):
    @pytest.fixture
    def index(self, tmp_path: Path) -> Iterator[Index]:
        index = SQLiteIndex(tmp_path / "folder" / "index.sqlite")
        index.prepare()
        yield index
        index.close()

    @pytest.fixture
    def silent_index(self, tmp_path: Path) -> Iterator[Index]:
        """One that another process holds locked."""
        path = tmp_path / "locked.sqlite"
        index = SQLiteIndex(path, busy_seconds=0.05)
        index.prepare()
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield index
        index.close()

    @pytest.fixture
    def unprepared_index(self, tmp_path: Path) -> Iterator[Index]:
        index = SQLiteIndex(tmp_path / "unprepared.sqlite")
        yield index
        index.close()


class TestElasticsearch(Contract):
    @pytest.fixture
    def index(self, elasticsearch_url: str, index_name: str) -> Iterator[ElasticsearchIndex]:
        index = connect(elasticsearch_url, alias=index_name)
        index.prepare()
        yield index
        index.close()

    @pytest.fixture
    def silent_index(self) -> Iterator[Index]:
        """One at a port where nobody listens."""
        index = connect("http://127.0.0.1:9", alias="none")
        yield index
        index.close()

    @pytest.fixture
    def unprepared_index(self, elasticsearch_url: str, index_name: str) -> Iterator[Index]:
        index = connect(elasticsearch_url, alias=index_name)
        yield index
        index.close()

    def test_the_first_processes_of_all_may_prepare_at_once(self, elasticsearch_url, index_name):
        indexes = [connect(elasticsearch_url, alias=index_name) for _ in range(4)]
        raised: list[Exception] = []

        def prepare(index: Index) -> None:
            try:
                index.prepare()
            except Exception as error:  # noqa: BLE001  # any of them fails the test below
                raised.append(error)

        threads = [threading.Thread(target=prepare, args=(index,)) for index in indexes]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert not raised
        indexes[0].put_many([document()])
        indexes[0].refresh()
        assert indexes[-1].search(Query(words="minister")).total == 1
        for index in indexes:
            index.close()

    def test_an_index_made_for_other_fields_is_misconfigured(self, elasticsearch_url, index_name):
        index = connect(elasticsearch_url, alias=index_name)
        index._client.indices.create(
            index=f"{index_name}-v1-000001",
            aliases={index_name: {}, f"{index_name}-all": {}},
            mappings={"properties": {"urgency": {"type": "keyword"}}},
        )
        with pytest.raises(Misconfigured, match="COPYDESK_INDEX"):
            index.prepare()
        index.close()

    def test_an_index_that_bears_the_alias_s_name_is_misconfigured(self, elasticsearch_url, index_name):
        index = connect(elasticsearch_url, alias=index_name)
        index._client.indices.create(index=index_name)
        with pytest.raises(Misconfigured, match="COPYDESK_INDEX"):
            index.prepare()
        index.close()

    def test_aliases_that_somebody_removed_are_put_back(self, index):
        with suppress(Exception):
            index._client.indices.delete_alias(index="_all", name=index._all)
        index.prepare()
        index.put_many([document()])
        index.refresh()
        assert index.search(Query(words="minister")).total == index.count() == 1

    def test_writing_never_creates_an_index_by_guessing(self, index):
        index._client.indices.delete(index=f"{index._alias}-v1-000001")
        with pytest.raises(Misconfigured, match="leads to no index"):
            index.put_many([document()])
        assert not index._client.indices.exists(index=index._all)

    def test_an_index_blocked_for_writing_is_unavailable_not_the_articles_fault(self, index):
        index._client.indices.put_settings(index=index._all, settings={"blocks.write": True})
        with pytest.raises(IndexUnavailable) as raised:
            index.put_many([document("urn:test:1"), document("urn:test:2")])
        assert raised.value.outcomes == (None, None)
        index._client.indices.put_settings(index=index._all, settings={"blocks.write": None})
        assert index.put_many([document()])[0].result is Result.INDEXED

    def test_fields_of_a_newer_release_are_added_to_an_index_that_lacks_them(
        self, elasticsearch_url, index_name
    ):
        index = connect(elasticsearch_url, alias=index_name)
        index._client.indices.create(
            index=f"{index_name}-v1-000001",
            settings={"analysis": ANALYSIS},
            aliases={index_name: {}, f"{index_name}-all": {}},
            mappings={"dynamic": "strict", "properties": {"uid": {"type": "keyword"}}},
        )
        index.prepare()
        assert index.put_many([document()])[0].result is Result.INDEXED
        index.close()
