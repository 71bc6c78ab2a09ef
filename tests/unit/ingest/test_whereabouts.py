from datetime import UTC, date, datetime, timedelta

import pytest

from services.bucket import Denied, keys
from services.bucket.folder import FolderBucket
from services.errors import REMEDIES, Reason
from services.index.document import to_document
from services.index.sqlite import SQLiteIndex
from services.ingest import archive
from services.ingest.claims import Claim
from services.ingest.evidence import Evidence, Failure
from services.ingest.overview import overview
from services.ingest.quarantine import ignore, quarantine
from services.ingest.whereabouts import whereabouts
from services.models import Article, Block, BlockKind, Provenance, QuarantineRecord

NOW = datetime.now(UTC)


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


def refuse(bucket, key, reason, at=NOW):
    record = QuarantineRecord(key=key, reason=reason, detail="d", remedy=REMEDIES[reason], attempts=1, at=at)
    return quarantine(bucket, bucket.stat(key), record)


def put(index, key, uid="urn:test:1", indexed=NOW):
    article = Article(uid=uid, published=NOW, blocks=(Block(kind=BlockKind.PARAGRAPH, text="Words."),))
    document = to_document(
        article,
        Provenance(key=key, sha256="0" * 64, format="text", pipeline="p/1", received=NOW, indexed=indexed),
    )
    index.put_many([document])
    return document


def processed(bucket, entry):
    return bucket.move(entry, keys.processed_key(entry.key, NOW.date()))


def processed_on(bucket, key, day, data=b"x"):
    bucket.put(key, data)
    return bucket.move(bucket.stat(key), keys.processed_key(key, day))


def test_a_file_that_may_not_be_read_waits_and_says_why(bucket, index, monkeypatch):
    def closed(_key, _most):
        raise Denied("incoming/a.xml: permission denied")

    bucket.put("incoming/a.xml", b"x")
    monkeypatch.setattr(bucket, "start", closed)
    found = whereabouts(bucket, index, "a.xml")
    assert (found["state"], found["detail"]) == ("waiting", "incoming/a.xml: permission denied")


def test_a_waiting_file_is_found_with_and_without_its_lane(bucket, index):
    bucket.put("incoming-backfill/a.xml", b"x")
    for name in ("a.xml", "incoming-backfill/a.xml"):
        found = whereabouts(bucket, index, name)
        assert (found["state"], found["lane"], found["attempts"]) == ("waiting", "backfill", 0)


def test_a_file_in_work_says_by_whom_and_after_how_many_failures(bucket, index):
    bucket.put("incoming/a.xml", b"x")
    evidence = Evidence(bucket)
    evidence.blame("incoming/a.xml", Failure("run", Reason.TIMEOUT, "too slow", NOW.isoformat()))
    evidence.begin("chunk", ["incoming/a.xml"])
    found = whereabouts(bucket, index, "a.xml")
    assert (found["state"], found["attempts"], found["reason"]) == ("in_work", 1, "timeout")
    assert found["worker"].startswith("process ")


def test_a_refused_file_is_found_with_what_to_do(bucket, index):
    bucket.put("incoming/a.xml", b"x")
    where = refuse(bucket, "incoming/a.xml", Reason.SCHEMA)
    found = whereabouts(bucket, index, "a.xml")
    assert (found["state"], found["where"], found["reason"]) == ("quarantined", where, "schema")
    assert found["remedy"] == REMEDIES[Reason.SCHEMA]


def test_an_indexed_file_is_found_with_its_documents_and_when(bucket, index):
    bucket.put("incoming/a.xml", b"x")
    where = processed(bucket, bucket.stat("incoming/a.xml"))
    document = put(index, "a.xml")
    found = whereabouts(bucket, index, "a.xml")
    assert (found["state"], found["where"], found["documents"]) == ("indexed", where, [document.id])
    assert datetime.fromisoformat(found["at"]) == NOW


@pytest.mark.parametrize("ago", [40, 400])
def test_a_file_indexed_long_ago_is_found_too(bucket, index, ago):
    where = processed_on(bucket, "incoming/a.xml", NOW.date() - timedelta(days=ago))
    for day in range(0, 90, 3):
        processed_on(bucket, f"incoming/{day}.xml", NOW.date() - timedelta(days=day))
    put(index, "a.xml", indexed=NOW - timedelta(days=ago))
    found = whereabouts(bucket, index, "a.xml")
    assert (found["state"], found["where"]) == ("indexed", where)


def test_a_file_that_was_dropped_again_stands_where_its_last_copy_is(bucket, index):
    processed_on(bucket, "incoming/a.xml", date(2024, 1, 1))
    bucket.put("incoming/a.xml", b"y")
    refuse(bucket, "incoming/a.xml", Reason.SCHEMA)
    assert whereabouts(bucket, index, "a.xml")["state"] == "quarantined"
    later = processed_on(bucket, "incoming/a.xml", NOW.date() + timedelta(days=1), b"z")
    assert whereabouts(bucket, index, "a.xml")["where"] == later


def test_of_two_copies_of_a_day_the_later_counts(bucket, index):
    processed_on(bucket, "incoming/a.xml", NOW.date(), b"one")
    second = processed_on(bucket, "incoming/a.xml", NOW.date(), b"two")
    assert whereabouts(bucket, index, "a.xml")["where"] == second


def test_a_superseded_file_names_the_one_that_came_after(bucket, index):
    processed_on(bucket, "incoming/a.xml", NOW.date())
    newer = put(index, "b.xml")
    found = whereabouts(bucket, index, "a.xml", lambda _raw: (Claim(newer.id, 1),))
    assert (found["state"], found["documents"], found["superseded_by"]) == (
        "superseded",
        [newer.id],
        ["b.xml"],
    )
    assert whereabouts(bucket, index, "a.xml")["state"] == "superseded"  # no parser here


def test_a_processed_file_whose_article_is_nowhere_is_missing(bucket, index):
    processed_on(bucket, "incoming/a.xml", NOW.date())
    found = whereabouts(bucket, index, "a.xml", lambda _raw: (Claim("nowhere", 1),))
    assert found["state"] == "missing"
    assert "copydesk reconcile --repair" in found["detail"]


def test_an_ignored_file_says_why(bucket, index):
    bucket.put("incoming/a.xml", b"x")
    ignore(bucket, bucket.stat("incoming/a.xml"), "an empty feed")
    found = whereabouts(bucket, index, "a.xml")
    assert (found["state"], found["detail"]) == ("ignored", "an empty feed")


@pytest.mark.parametrize("name", [b"not-utf8-\xff.xml", b"line\nbreak.xml", b"incoming/twice.xml"], ids=ascii)
def test_a_name_is_understood_as_it_is_printed(bucket, index, name):
    name = keys.decode(name)
    processed_on(bucket, keys.LIVE + name, NOW.date())
    printed = keys.LIVE + keys.shown(name)
    assert whereabouts(bucket, index, printed)["state"] == "superseded"


def test_a_file_nobody_dropped_is_unknown(bucket, index):
    assert whereabouts(bucket, index, "a.xml")["state"] == "unknown"


def test_without_the_index_the_bucket_still_answers(bucket):
    bucket.put("incoming/a.xml", b"x")
    assert whereabouts(bucket, None, "a.xml")["documents"] is None
    processed(bucket, bucket.stat("incoming/a.xml"))
    assert whereabouts(bucket, None, "a.xml")["state"] == "indexed"


def test_the_days_of_the_archive_are_told_without_its_files(bucket):
    for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 11, 2)):
        processed_on(bucket, f"incoming/{day}.xml", day)
    bucket.put("processed/notes/of/mine/a.txt", b"x")
    assert archive.days(bucket) == [date(2025, 12, 31), date(2026, 1, 1), date(2026, 11, 2)]


def test_the_overview_counts_every_state(bucket):
    for name in "abc":
        bucket.put(f"incoming/{name}.xml", b"x")
    refuse(bucket, "incoming/b.xml", Reason.EMPTY)
    evidence = Evidence(bucket)
    evidence.blame("incoming/c.xml", Failure("run", Reason.ERROR, "d", NOW.isoformat()))
    evidence.begin("chunk", ["incoming/a.xml"])
    assert overview(bucket) == {
        "waiting": {"live": 2, "backfill": 0},
        "in_work": 1,
        "suspects": 1,
        "quarantined": {"empty": 1},
    }
