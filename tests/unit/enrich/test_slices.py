"""Large files of many articles, worked through in slices by the worker."""

import gzip
import json
import os
import uuid

import pytest

from services.bucket import keys
from services.bucket.folder import FolderBucket
from services.enrich import slices
from services.enrich.formats import records
from services.enrich.pipeline import Enricher, Tools
from services.enrich.worker import Worker
from services.errors import Reason
from services.index.sqlite import SQLiteIndex
from services.ingest.breaker import MemoryBreaker
from services.ingest.evidence import SUSPECTS, Evidence
from services.ingest.leases import MemoryLeases
from services.ingest.progress import PROGRESS, ProgressRecords
from services.ingest.whereabouts import whereabouts
from services.settings import Settings
from tests.unit.enrich.formats.sequences import SEQUENCES

SETTINGS = {"COPYDESK_SLICE_ABOVE_BYTES": "2000", "COPYDESK_SLICE_RECORDS": "10"}


DATED = {"published": "2026-02-01T10:00:00Z"}


def line(number):
    text = f"The harbour bridge number {number} in Newhaven will close until October.\n\nFerries run instead."
    return json.dumps(
        {"title": f"Bridge {number} closes", "text": text, "id": f"urn:example:{number}"} | DATED
    )


def lines(*, without_ids=False):
    found = [line(number) for number in range(100)]
    if without_ids:
        found = [json.dumps({k: v for k, v in json.loads(each).items() if k != "id"}) for each in found]
    found[40:40] = ["{broken", '{"title": "nothing but a title"}']
    return "\n".join(found).encode()


@pytest.fixture
def bucket(tmp_path):
    bucket = FolderBucket(tmp_path / "bucket")
    bucket.prepare()
    return bucket


@pytest.fixture
def index(tmp_path):
    index = SQLiteIndex(tmp_path / "index.sqlite")
    index.prepare()
    yield index
    index.close()


@pytest.fixture
def receipts():
    return []


def worker_of(bucket, index, receipts, **how):
    settings = how.pop("settings", SETTINGS)
    return Worker(
        Settings.from_env(settings),
        bucket=bucket,
        index=index,
        leases=MemoryLeases(),
        breaker=MemoryBreaker(60),
        tools=Tools(),
        report=receipts.append,
        **how,
    )


@pytest.fixture
def worker(bucket, index, receipts):
    return worker_of(bucket, index, receipts)


def work(worker, name, **how):
    worker.work(uuid.uuid4().hex, [name], **how)


def drop(bucket, name, data):
    bucket.put(keys.LIVE + name, data)
    return keys.LIVE + name


def listed(bucket, prefix):
    return [entry.key for entry in bucket.list(prefix)]


def told(index):
    """What the index holds, but for the time of indexing."""
    found = {}
    for document in index.scan():
        full = index.get(document.id)
        full.source["provenance"].pop("indexed")
        full.source["provenance"].pop("received")
        found[document.id] = (full.version, full.source)
    return found


@pytest.mark.parametrize("without_ids", [False, True])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_a_file_in_slices_gives_the_documents_of_the_whole_file(tmp_path, receipts, pack, without_ids):
    data = pack(lines(without_ids=without_ids))
    given = []
    for settings in (
        {"COPYDESK_SLICE_ABOVE_BYTES": "100000000"},
        SETTINGS | {"COPYDESK_SLICE_ABOVE_BYTES": "500"},
    ):
        bucket = FolderBucket(tmp_path / f"bucket{len(given)}")
        index = SQLiteIndex(tmp_path / f"index{len(given)}.sqlite")
        index.prepare()
        bucket.prepare()
        name = drop(bucket, "a.jsonl", data)
        work(worker_of(bucket, index, receipts, settings=settings), name)
        record = json.loads(bucket.read("quarantine/partial/a.jsonl.reason.json")[1])
        given.append((told(index), record["refusals"], record["detail"], record["sha256"], len(receipts)))
        index.close()
    whole, sliced = given
    assert len(whole[0]) == 100
    assert whole[0] == sliced[0]
    assert [each["item"] for each in whole[1]] == [each["item"] for each in sliced[1]]
    assert (
        [each["reason"] for each in whole[1]]
        == [each["reason"] for each in sliced[1]]
        == ["bad_json", "no_text"]
    )
    assert whole[3] == sliced[3]


@pytest.mark.parametrize("kind", SEQUENCES)
def test_feeds_and_exports_in_slices_give_the_documents_of_the_whole_file(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(records, "_HEAD", 3000)  # the file is no longer than what is looked at first
    data = SEQUENCES[kind](30)
    given = []
    for settings in ({"COPYDESK_SLICE_ABOVE_BYTES": "100000000"}, SETTINGS):
        bucket = FolderBucket(tmp_path / f"bucket{len(given)}")
        index = SQLiteIndex(tmp_path / f"index{len(given)}.sqlite")
        index.prepare()
        bucket.prepare()
        receipts = []
        name = drop(bucket, "a.file", data)
        os.utime(tmp_path / f"bucket{len(given)}" / name, (1_770_000_000, 1_770_000_000))
        work(worker_of(bucket, index, receipts, settings=settings), name)
        given.append((told(index), receipts[0].outcome, receipts[0].count))
        index.close()
    whole, sliced = given
    assert len(whole[0]) >= 20
    assert whole == sliced


def test_a_large_file_comes_to_its_end_and_leaves_no_progress(worker, bucket, index, receipts):
    work(worker, drop(bucket, "a.jsonl", "\n".join(map(line, range(100))).encode()))
    (receipt,) = receipts
    assert (receipt.outcome, receipt.count) == ("indexed", 100)
    assert index.count() == 100
    assert listed(bucket, PROGRESS) == listed(bucket, keys.LIVE) == []


def test_a_stopped_worker_goes_on_behind_its_last_slice(bucket, index, receipts, monkeypatch):
    seen = []
    real = slices.work

    def seeing(given, *arguments, **named):
        seen.append(given.record.number)
        return real(given, *arguments, **named)

    monkeypatch.setattr(slices, "work", seeing)
    name = drop(bucket, "a.jsonl", lines())
    work(worker_of(bucket, index, receipts, stopping=lambda: len(seen) == 35), name)
    assert index.count() == 35
    assert listed(bucket, keys.LIVE) == [name]
    facts = whereabouts(bucket, index, "a.jsonl")
    assert (facts["state"], facts["records_done"]) == ("in_work", 35)
    assert facts["progress"] == "35 records done: 35 articles indexed, 0 refused"
    work(worker_of(bucket, index, receipts), name)
    assert seen == list(range(1, 103))
    assert index.count() == 100
    record = json.loads(bucket.read("quarantine/partial/a.jsonl.reason.json")[1])
    assert (record["indexed"], record["refused"]) == (100, 2)


def test_an_index_that_goes_away_costs_only_the_slice_that_is_not_acknowledged(
    worker, bucket, index, receipts, monkeypatch
):
    from services.errors import ServiceUnavailable

    puts = []
    put_many = index.put_many

    def put(documents):
        puts.append(len(documents))
        if len(puts) == 4:
            raise ServiceUnavailable("index away")
        return put_many(documents)

    monkeypatch.setattr(index, "put_many", put)
    name = drop(bucket, "a.jsonl", lines())
    work(worker, name)
    assert ProgressRecords(bucket).read(name).records == 30
    assert receipts == []
    work(worker_of(bucket, index, receipts), name)
    assert index.count() == 100
    assert sum(puts) == 110


def test_a_file_that_is_written_anew_begins_anew(bucket, index, receipts):
    calls = []
    name = drop(bucket, "a.jsonl", lines())
    work(worker_of(bucket, index, receipts, stopping=lambda: len(calls) > 20 or bool(calls.append(1))), name)
    assert listed(bucket, PROGRESS)
    drop(bucket, "a.jsonl", b"\n".join(lines().splitlines()[::-1]))
    work(worker_of(bucket, index, receipts), name)
    assert index.count() == 100
    assert listed(bucket, PROGRESS) == []


def deadly(article, _tools):
    if "Bridge 57 " in (article.headline or ""):
        os._exit(9)
    return article


def test_only_the_record_that_kills_its_process_is_refused(bucket, index, receipts, monkeypatch):
    monkeypatch.setattr("services.enrich.pipeline.ENRICHERS", (Enricher("deadly", 1, deadly),))
    name = drop(bucket, "a.jsonl", lines())
    marker = Evidence(bucket)
    marker.begin("dead", [name])
    marker.died(marker.marker("dead"))
    work(worker_of(bucket, index, receipts, expendable=True), name, alone=True)
    assert index.count() == 99
    record = json.loads(bucket.read("quarantine/partial/a.jsonl.reason.json")[1])
    assert [each["item"] for each in record["refusals"]] == ["line 41", "a.jsonl#42", "line 60"]
    assert record["refusals"][2]["reason"] == Reason.WORKER_LOST
    assert listed(bucket, SUSPECTS) == []


def test_what_must_be_held_whole_is_still_refused_when_it_is_too_large(bucket, index, receipts):
    worker = worker_of(bucket, index, receipts, settings=SETTINGS | {"COPYDESK_MAX_FILE_BYTES": "5000"})
    work(worker, drop(bucket, "a.pdf", b"%PDF-1.7 " + b"x" * 6000))
    assert receipts[0].reason is Reason.TOO_LARGE


def test_a_file_without_a_good_article_is_refused_for_its_commonest_reason(worker, bucket, receipts):
    work(worker, drop(bucket, "a.jsonl", b'{"title": "nothing but a title"}\n' * 99 + b"{broken" + b" " * 50))
    assert receipts[0].reason is Reason.NO_TEXT
    assert receipts[0].detail.startswith("99 of 100 items: ")
