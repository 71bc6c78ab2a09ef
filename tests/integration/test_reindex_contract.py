"""A new index in the old one's place while ingest goes on: the same cases for both kinds."""

import threading
import time
from collections.abc import Iterator

import pytest

from services.errors import Misconfigured, ServiceUnavailable
from services.index import Index, IndexUnavailable, Result
from services.index.document import Document
from services.index.elasticsearch import connect
from services.index.query import Query
from services.index.reindex import reindex
from services.index.sqlite import SQLiteIndex


def document(name, version=1, body="The minister spoke.", status="usable"):
    provenance = {
        "key": f"{name}.xml",
        "sha256": "0" * 64,
        "format": "nitf",
        "pipeline": "p/1",
        "received": "2026-11-25T00:00:00Z",
        "indexed": "2026-11-25T00:00:00Z",
    }
    quote = {"text": body, "start": 0, "end": len(body)}
    source = {"uid": name, "status": status, "body": body, "quotes": [quote], "provenance": provenance}
    return Document(f"id-{name}", version, source)


@pytest.fixture(params=["sqlite", "elasticsearch"])
def index(request, tmp_path) -> Iterator[Index]:
    if request.param == "sqlite":
        index: Index = SQLiteIndex(tmp_path / "index.sqlite", busy_seconds=10)
    else:
        url = request.getfixturevalue("elasticsearch_url")
        index = connect(url, alias=request.getfixturevalue("index_name"), refresh_seconds=0.1)
    index.prepare()
    yield index
    index.close()


def held(index: Index) -> dict[str, int]:
    index.refresh()
    return {each.id: each.version for each in index.scan()}


def upper(documents):
    for each in documents:
        yield Document(each.id, each.version, each.source | {"body": each.source["body"].upper()})


def test_everything_goes_over_with_its_version_and_stays_findable(index):
    before = [document(f"{number:03}", version=number + 1) for number in range(450)]
    before += [document("hidden", status="withheld"), document("killed", status="canceled")]
    index.put_many(before)
    expected = held(index)
    assert reindex(index.rebuild(), renew=upper) >= len(before)
    assert held(index) == expected
    assert index.search(Query(words="minister")).total == 450
    assert index.get("id-007").source["body"] == "THE MINISTER SPOKE."
    assert index.put_many([document("007", version=3)])[0].result is Result.SUPERSEDED
    assert index.put_many([document("007", version=9)])[0].result is Result.INDEXED


def test_it_can_be_done_again(index):
    index.put_many([document("a")])
    for _ in range(2):
        reindex(index.rebuild())
    assert held(index) == {"id-a": 1}
    assert index.search(Query(words="minister")).total == 1


def test_what_is_written_meanwhile_goes_over_too(index):
    index.put_many([document("old"), document("corrected"), document("deleted"), document("same")])

    def renew(documents):
        yield from documents
        index.put_many(
            [document("new"), document("corrected", 2, "Corrected."), document("same", 1, "Same.")]
        )
        index.delete("id-deleted")

    reindex(index.rebuild(), renew=renew)
    assert held(index) == {"id-old": 1, "id-corrected": 2, "id-new": 1, "id-same": 1}
    assert index.get("id-corrected").source["body"] == "Corrected."
    assert index.get("id-same").source["body"] == "Same."


def test_while_writers_are_paused_they_are_told_to_wait_and_readers_see_all(index):
    index.put_many([document("a")])
    index.refresh()
    rebuild = index.rebuild()

    def go_wrong():
        with rebuild.paused():
            with pytest.raises(IndexUnavailable):
                index.put_many([document("b")])
            assert index.search(Query(words="minister")).total == 1
            raise KeyError

    with pytest.raises(KeyError):
        go_wrong()
    rebuild.discard()
    assert index.put_many([document("b")])[0].result is Result.INDEXED


def test_a_document_that_the_new_index_refuses_stops_it_and_changes_nothing(index):
    index.put_many([document("a"), document("b")])

    def spoil(documents):
        for each in documents:
            yield Document(each.id, each.version, each.source | {"nonsense": 1})

    with pytest.raises(Misconfigured, match="id-a"):
        reindex(index.rebuild(), renew=spoil)
    assert held(index) == {"id-a": 1, "id-b": 1}
    reindex(index.rebuild())  # nothing stands in the way of the next


def test_one_that_was_cut_short_is_named_and_can_be_discarded(index):
    index.put_many([document("a")])
    cut_short = index.rebuild()
    with pytest.raises(Misconfigured, match="--discard"):
        index.rebuild()
    assert index.discard_rebuild() == [cut_short.new]
    assert index.discard_rebuild() == []
    reindex(index.rebuild())
    assert held(index) == {"id-a": 1}


def test_aliases_that_somebody_removed_are_put_back_to_the_last_index(elasticsearch_url, index_name):
    index = connect(elasticsearch_url, alias=index_name)
    index.prepare()
    index.put_many([document("a")])
    rebuild = index.rebuild()
    reindex(rebuild)
    index._client.indices.delete_alias(index=rebuild.new, name="_all")
    index.prepare()
    assert index.put_many([document("b")])[0].result is Result.INDEXED
    assert held(index) == {"id-a": 1, "id-b": 1}
    index.close()


def test_one_that_was_killed_while_writers_were_paused_is_undone(elasticsearch_url, index_name):
    index = connect(elasticsearch_url, alias=index_name)
    index.prepare()
    killed = index.rebuild()
    pause = killed.paused()  # kept: what is collected would be undone
    pause.__enter__()
    with pytest.raises(IndexUnavailable):
        index.put_many([document("a")])
    assert index.discard_rebuild() == [killed.new]
    assert index.put_many([document("a")])[0].result is Result.INDEXED
    index.close()


def test_searches_see_no_hole_and_no_write_is_lost_while_ingest_goes_on(index):
    index.put_many([document(f"{number:04}") for number in range(600)])
    index.refresh()
    stop = threading.Event()
    written: dict[str, int] = {}
    totals: list[int] = []
    errors: list[Exception] = []

    def write(writer: int) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            batch = [document(f"{writer}-{number}"), document(f"{number % 600:04}", version=number + 1)]
            while True:
                try:
                    index.put_many(batch)
                    break
                except ServiceUnavailable:
                    time.sleep(0.05)
            for each in batch:
                written[each.id] = max(each.version, written.get(each.id, 0))
        index.close() if isinstance(index, SQLiteIndex) else None

    def read() -> None:
        while not stop.is_set():
            try:
                totals.append(index.search(Query(words="minister")).total)
            except Exception as error:  # noqa: BLE001  # any of them fails the test below
                errors.append(error)
        index.close() if isinstance(index, SQLiteIndex) else None

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    threads.append(threading.Thread(target=read))
    for thread in threads:
        thread.start()
    try:
        for _ in range(2):
            time.sleep(0.5)
            reindex(index.rebuild(), renew=upper)
        time.sleep(0.5)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []
    assert totals == sorted(totals)
    assert totals[0] >= 600
    found = held(index)
    assert {name: found.get(name) for name in written} == written
    assert len(found) == len(written.keys() | {f"id-{number:04}" for number in range(600)})


def test_a_worker_that_starts_meanwhile_prepares_the_index_in_use(index):
    index.put_many([document("a")])
    rebuild = index.rebuild()
    index.prepare()
    assert index.put_many([document("b")])[0].result is Result.INDEXED
    reindex(rebuild)
    index.prepare()
    assert held(index) == {"id-a": 1, "id-b": 1}


def test_an_index_for_other_fields_is_renewed_in_its_place(elasticsearch_url, index_name):
    index = connect(elasticsearch_url, alias=index_name)
    index.prepare()
    index.put_many([document("a")])
    index.refresh()
    client = index._client
    (old,) = client.indices.get_alias(name=f"{index_name}-all")
    other = f"{index_name}-v1-000009"
    client.indices.create(index=other, mappings={"properties": {"urgency": {"type": "keyword"}}})
    client.reindex(source={"index": old}, dest={"index": other, "version_type": "external"}, refresh=True)
    client.indices.delete(index=old)
    client.indices.put_alias(index=other, name=index_name)
    client.indices.put_alias(index=other, name=f"{index_name}-all", is_write_index=True)
    with pytest.raises(Misconfigured, match="copydesk reindex"):
        index.prepare()
    reindex(index.rebuild())
    index.prepare()
    assert held(index) == {"id-a": 1}
    assert list(client.indices.get_alias(name=index_name)) == [f"{index_name}-v1-000010"]
    index.close()
