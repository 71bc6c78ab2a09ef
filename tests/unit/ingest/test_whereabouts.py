from datetime import UTC, datetime

import pytest

from services.bucket.folder import FolderBucket
from services.errors import REMEDIES, Reason
from services.index.sqlite import SQLiteIndex
from services.ingest.quarantine import processed, quarantine
from services.ingest.whereabouts import overview, whereabouts
from services.models import QuarantineRecord


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


def refuse(bucket, key, reason):
    record = QuarantineRecord(
        key=key, reason=reason, detail="d", remedy=REMEDIES[reason], attempts=1, at=datetime.now(UTC)
    )
    return quarantine(bucket, bucket.stat(key), record)


def test_a_waiting_file_is_found_with_and_without_its_lane(bucket, index):
    bucket.put("incoming-backfill/a.xml", b"x")
    for name in ("a.xml", "incoming-backfill/a.xml"):
        found = whereabouts(bucket, index, name)
        assert (found["state"], found["lane"]) == ("waiting", "backfill")


def test_a_refused_file_is_found_with_what_to_do(bucket, index):
    bucket.put("incoming/a.xml", b"x")
    where = refuse(bucket, "incoming/a.xml", Reason.SCHEMA)
    found = whereabouts(bucket, index, "a.xml")
    assert (found["state"], found["where"], found["reason"]) == ("quarantined", where, "schema")
    assert found["remedy"] == REMEDIES[Reason.SCHEMA]


def test_a_processed_file_is_found(bucket, index):
    bucket.put("incoming/a.xml", b"x")
    where = processed(bucket, bucket.stat("incoming/a.xml"))
    assert whereabouts(bucket, index, "a.xml")["where"] == where


def test_an_ignored_file_says_why(bucket, index):
    bucket.put("incoming/a.xml", b"x")
    processed(bucket, bucket.stat("incoming/a.xml"), ignored="an empty feed")
    found = whereabouts(bucket, index, "a.xml")
    assert (found["state"], found["ignored"]) == ("ignored", "an empty feed")


def test_a_file_nobody_dropped_is_unknown(bucket, index):
    assert whereabouts(bucket, index, "a.xml")["state"] == "unknown"


def test_the_overview_counts_every_state(bucket, index):
    bucket.put("incoming/a.xml", b"x")
    bucket.put("incoming/b.xml", b"x")
    refuse(bucket, "incoming/b.xml", Reason.EMPTY)
    assert overview(bucket, index) == {
        "waiting (live)": 1,
        "waiting (backfill)": 0,
        "quarantined (empty)": 1,
        "documents": 0,
    }
