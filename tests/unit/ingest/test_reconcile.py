"""Bucket and index compared: what agrees, what does not, and what a repair does about it."""

import hashlib
import json
import os
import tracemalloc
from datetime import UTC, date, datetime, timedelta

import pytest

from services.bucket import keys
from services.bucket.folder import FolderBucket
from services.cli.parsing import claims_of
from services.errors import REMEDIES, Reason
from services.index.document import Document, to_document
from services.index.sqlite import SQLiteIndex
from services.ingest.evidence import Evidence
from services.ingest.problem import Kind
from services.ingest.quarantine import ignore, quarantine
from services.ingest.reconcile import Reconciliation
from services.ingest.repair import repair
from services.models import Article, Block, BlockKind, Provenance, QuarantineRecord, RawFile
from services.settings import Settings

NOW = datetime.now(UTC)
TODAY = NOW.date()


@pytest.fixture
def bucket(tmp_path):
    bucket = FolderBucket(tmp_path)
    bucket.prepare()
    return bucket


@pytest.fixture
def index(tmp_path):
    index = SQLiteIndex(tmp_path / ".copydesk" / "index.sqlite")
    index.prepare()
    yield index
    index.close()


def story(uid="urn:test:1", version="1", text="The harbour bridge will close until October.", **more):
    fields = {"uri": uid, "version": version, "type": "text", "headline": "Bridge", "body_text": text * 3}
    return json.dumps(fields | more).encode()


def processed(bucket, entry):
    return bucket.move(entry, keys.processed_key(entry.key, TODAY))


def indexed(bucket, index, name, data=None, day=TODAY, at=NOW):
    """A file that was processed, and its article's document; where the file stands."""
    data = story(uid=f"urn:test:{name!a}") if data is None else data
    bucket.put(keys.LIVE + name, data)
    entry = bucket.stat(keys.LIVE + name)
    fields = json.loads(data)
    article = Article(
        uid=fields["uri"],
        version=fields["version"],
        published=fields.get("versioncreated"),
        blocks=(Block(kind=BlockKind.PARAGRAPH, text=fields["body_text"]),),
    )
    provenance = Provenance(
        key=keys.printable(name),
        sha256=hashlib.sha256(data).hexdigest(),
        format="ninjs",
        pipeline="p/1",
        received=entry.modified,
        indexed=at,
    )
    document = to_document(article, provenance)
    index.put_many([document])
    return bucket.move(entry, keys.processed_key(keys.LIVE + name, day)), document.id


def reconcile(bucket, index, *, verify=False, claims=True):
    comparison = Reconciliation(bucket, index, claims_of(Settings()) if claims else None, verify=verify)
    problems = list(comparison.problems())
    assert sum(comparison.counts[kind] for kind in Kind) == len(problems)
    return problems, comparison.counts


def kinds(bucket, index, **how):
    return [(problem.kind, problem.key) for problem in reconcile(bucket, index, **how)[0]]


@pytest.mark.parametrize("verify", [False, True])
def test_a_bucket_and_its_index_agree(bucket, index, verify):
    for name in ("a.json", "desk/b.json", "line\nbreak.json", keys.decode(b"\xff.json"), "x" * 240 + ".json"):
        indexed(bucket, index, name)
    bucket.put("incoming/waiting.xml", b"x")
    bucket.put("incoming/feed.xml", b"x")
    ignore(bucket, bucket.stat("incoming/feed.xml"), "an empty feed")
    problems, counts = reconcile(bucket, index, verify=verify)
    assert problems == []
    assert {name: counts[name] for name in ("waiting", "processed", "indexed", "ignored", "documents")} == {
        "waiting": 1,
        "processed": 5,
        "indexed": 5,
        "ignored": 1,
        "documents": 5,
    }


def test_a_document_that_is_gone_is_missing_and_its_file_is_driven_again(bucket, index):
    where, document_id = indexed(bucket, index, "desk/a.json")
    indexed(bucket, index, "b.json")
    index.delete(document_id)
    (problem,), counts = reconcile(bucket, index)
    assert (problem.kind, problem.key, problem.documents) == (Kind.MISSING, where, (document_id,))
    assert counts["indexed"] == 1
    assert repair(bucket, problem) == "incoming-backfill/desk/a.json"
    assert kinds(bucket, index) == []


def test_a_file_whose_article_came_in_a_later_version_was_superseded(bucket, index):
    bucket.put("incoming/a.json", story(version="1"))
    processed(bucket, bucket.stat("incoming/a.json"))
    indexed(bucket, index, "b.json", story(version="2"))
    problems, counts = reconcile(bucket, index)
    assert problems == []
    assert (counts["superseded"], counts["indexed"]) == (1, 1)


def test_an_older_version_in_the_index_than_in_the_file_is_outdated(bucket, index):
    where, _ = indexed(bucket, index, "a.json", story(version="2"))
    _, document_id = indexed(bucket, index, "b.json", story(version="1"))
    index.delete(document_id)
    indexed(bucket, index, "b.json", story(version="1"))
    assert kinds(bucket, index) == [(Kind.OUTDATED, where)]


def test_every_copy_of_a_name_that_is_used_again_and_again_is_accounted_for(bucket, index):
    ids = [
        indexed(bucket, index, "latest.json", story(uid=f"urn:test:{number}"), TODAY - timedelta(number))[1]
        for number in range(3)
    ]
    assert kinds(bucket, index) == []
    index.delete(ids[1])
    ((kind, key),) = kinds(bucket, index)
    assert kind is Kind.MISSING
    assert key == keys.processed_key("incoming/latest.json", TODAY - timedelta(1))


def test_one_lost_article_of_a_file_is_found_by_verifying(bucket, index):
    two = json.dumps([json.loads(story("urn:test:1")), json.loads(story("urn:test:2"))]).encode()
    bucket.put("incoming/two.json", two)
    where = processed(bucket, bucket.stat("incoming/two.json"))
    first, second = claims_of(Settings())(RawFile(key="two.json", data=two, modified=NOW))
    provenance = {"key": "two.json", "sha256": hashlib.sha256(two).hexdigest(), "indexed": NOW.isoformat()}
    source = {"uid": "u", "status": "usable", "provenance": provenance}
    index.put_many([Document(first.id, first.version, source)])
    assert kinds(bucket, index) == []
    (problem,), _ = reconcile(bucket, index, verify=True)
    assert (problem.kind, problem.key, problem.documents) == (Kind.MISSING, where, (second.id,))


def test_bytes_that_slipped_in_unread_are_found_by_verifying(bucket, index, tmp_path):
    where, _ = indexed(bucket, index, "a.json", story())
    (tmp_path / where).write_bytes(story(text="Other words that nobody has indexed."))
    assert kinds(bucket, index) == []
    assert kinds(bucket, index, verify=True) == [(Kind.CHANGED, where)]


def test_a_document_without_its_file_is_told(bucket, index):
    where, document_id = indexed(bucket, index, "a.json")
    indexed(bucket, index, "b.json")
    bucket.delete(where)
    (problem,), _ = reconcile(bucket, index)
    assert (problem.kind, problem.documents) == (Kind.NO_FILE, (document_id,))
    assert repair(bucket, problem) is None


def test_documents_older_than_the_archive_are_no_loss(bucket, index, tmp_path):
    where, _ = indexed(bucket, index, "a.json", day=date(2024, 1, 1), at=datetime(2024, 1, 1, tzinfo=UTC))
    indexed(bucket, index, "b.json")
    bucket.delete(where)
    for folder in ("2024/01/01", "2024/01", "2024"):
        (tmp_path / "processed" / folder).rmdir()
    problems, counts = reconcile(bucket, index)
    assert problems == []
    assert counts["expired"] == 1


def test_a_file_that_waits_again_accounts_for_its_documents(bucket, index):
    where, _ = indexed(bucket, index, "a.json")
    bucket.move(bucket.stat(where), "incoming-backfill/a.json")
    assert kinds(bucket, index) == []


def refuse(bucket, name, reason, documents=()):
    bucket.put(keys.LIVE + name, b"x")
    record = QuarantineRecord(
        key=keys.LIVE + name,
        reason=reason,
        detail="d",
        remedy=REMEDIES[reason],
        attempts=1,
        at=NOW,
        documents=documents,
    )
    return quarantine(bucket, bucket.stat(keys.LIVE + name), record)


@pytest.mark.parametrize("verify", [False, True])
def test_a_very_large_file_is_told_by_its_hash(bucket, index, monkeypatch, verify):
    monkeypatch.setattr("services.ingest.reconcile._MOST_BYTES", 50)
    indexed(bucket, index, "large.json")
    assert kinds(bucket, index, verify=verify) == []
    where, _ = indexed(bucket, index, "other.json")
    bucket.put(where, story(text="These bytes nobody has read. "))
    assert kinds(bucket, index, verify=True) == [(Kind.UNDECIDED, where)]


def test_articles_of_a_partly_refused_file_are_looked_for(bucket, index):
    _, document_id = indexed(bucket, index, "a.json")
    refuse(bucket, "good.xml", Reason.PARTIAL, (document_id,))
    where = refuse(bucket, "bad.xml", Reason.PARTIAL, (document_id, "lost"))
    (problem,), counts = reconcile(bucket, index)
    assert (problem.kind, problem.key, problem.documents) == (Kind.MISSING, where, ("lost",))
    assert counts["quarantined"] == 2
    assert repair(bucket, problem) == "incoming/bad.xml"


def test_what_a_crash_has_left_is_told_and_is_no_loss(bucket, index, tmp_path):
    old = (NOW - timedelta(hours=1)).timestamp()
    bare = refuse(bucket, "bare.xml", Reason.EMPTY)
    bucket.delete(bare + keys.REASON_SUFFIX)
    lone = refuse(bucket, "lone.xml", Reason.EMPTY)
    bucket.delete(lone)
    os.utime(tmp_path / (lone + keys.REASON_SUFFIX), (old, old))
    (tmp_path / ".copydesk/tmp/1234").write_bytes(b"half")
    os.utime(tmp_path / ".copydesk/tmp/1234", (old, old))
    (tmp_path / ".copydesk/tmp/5678").write_bytes(b"being written")
    Evidence(bucket).begin("chunk", ["incoming/a.xml"])
    marker = tmp_path / ".copydesk/running/chunk.json"
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"born": "0"}))
    assert kinds(bucket, index) == [
        (Kind.NO_RECORD, bare),
        (Kind.LEFT_RECORD, lone),
        (Kind.LEFT_BYTES, ".copydesk/tmp/1234"),
        (Kind.DEAD_WORKER, ".copydesk/running/chunk.json"),
    ]


def test_without_a_parser_what_names_do_not_settle_is_undecided(bucket, index):
    bucket.put("incoming/a.json", story())
    where = processed(bucket, bucket.stat("incoming/a.json"))
    assert kinds(bucket, index, claims=False) == [(Kind.UNDECIDED, where)]


def test_a_large_archive_is_compared_in_bounded_memory(bucket, index, tmp_path):
    source = {"status": "usable", "provenance": {"sha256": "", "indexed": NOW.isoformat()}}
    for start in range(0, 20_000, 1000):
        documents = []
        for number in range(start, start + 1000):
            name = f"{number:06}.json"
            path = tmp_path / keys.processed_key(keys.LIVE + name, TODAY - timedelta(number // 200))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
            provenance = source["provenance"] | {"key": name}
            documents.append(Document(f"{number:032x}", 1, source | {"provenance": provenance}))
        index.put_many(documents)
    tracemalloc.start()
    problems, counts = reconcile(bucket, index)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert problems == []
    assert (counts["indexed"], counts["documents"]) == (20_000, 20_000)
    assert peak < 10_000_000
