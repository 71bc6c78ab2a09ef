"""Out of quarantine: the normal way again, or gone for good; also after a crash between two steps."""

import json
import os
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest

from services.bucket import Entry, keys
from services.bucket.folder import FolderBucket
from services.errors import REMEDIES, Reason
from services.ingest.evidence import Evidence, Failure
from services.ingest.quarantine import quarantine
from services.ingest.refused import Selection, read_record
from services.ingest.replay import drop, replay
from services.models import QuarantineRecord


@pytest.fixture
def bucket(tmp_path):
    bucket = FolderBucket(tmp_path)
    bucket.prepare()
    return bucket


@pytest.fixture
def evidence(bucket):
    return Evidence(bucket)


def refuse(bucket, key, reason=Reason.SCHEMA, data=b"x"):
    bucket.put(key, data)
    record = QuarantineRecord(
        key=keys.printable(key),
        reason=reason,
        detail="d",
        remedy=REMEDIES[reason],
        attempts=1,
        at=datetime.now(UTC),
    )
    return quarantine(bucket, bucket.stat(key), record)


def found(bucket, *names, **conditions):
    return list(Selection(names=names, **conditions).find(bucket))


def listed(bucket, prefix):
    return [entry.key for entry in bucket.list(prefix)]


@pytest.mark.parametrize(
    "key",
    [
        "incoming/a.xml",
        "incoming-backfill/desk/a.xml",
        "incoming/line\nbreak.txt",
        "incoming/b\\xff.xml",
        keys.decode(b"incoming/not-utf8-\xff\xfe.xml"),
        "incoming/a.reason.json",
        "incoming/" + "x" * 240 + ".txt",
    ],
    ids=ascii,
)
def test_a_replayed_file_waits_in_its_lane_under_its_own_name(bucket, evidence, key):
    refuse(bucket, key, data=b"the bytes")
    (refused,) = found(bucket, keys.printable(key))
    assert replay(bucket, evidence, refused) == key
    assert bucket.read(key)[1] == b"the bytes"
    assert listed(bucket, keys.QUARANTINE) == []


def test_a_file_that_waits_under_the_name_is_left_alone(bucket, evidence):
    refuse(bucket, "incoming/a.xml", data=b"old")
    bucket.put("incoming/a.xml", b"new")
    (refused,) = found(bucket)
    where = replay(bucket, evidence, refused)
    assert where != "incoming/a.xml"
    assert bucket.read("incoming/a.xml")[1] == b"new"
    assert bucket.read(where)[1] == b"old"


def test_attempts_start_at_zero(bucket, evidence):
    refuse(bucket, "incoming/a.xml", Reason.ERROR)
    (refused,) = found(bucket)
    bucket.put("incoming/a.xml", b"x")
    evidence.blame("incoming/a.xml", Failure("r", Reason.ERROR, "d", "now"))
    bucket.delete("incoming/a.xml")
    replay(bucket, evidence, refused)
    assert evidence.suspects() == {}


def test_two_refused_copies_of_one_name_come_back_as_two_files(bucket, evidence):
    refuse(bucket, "incoming/a.xml", data=b"one")
    refuse(bucket, "incoming/a.xml", data=b"two")
    for refused in found(bucket, "a.xml"):
        replay(bucket, evidence, refused)
    assert {bucket.read(key)[1] for key in listed(bucket, keys.LIVE)} == {b"one", b"two"}
    assert listed(bucket, keys.QUARANTINE) == []


class Crash(Exception):
    pass


class Crashing:
    """A bucket whose process dies instead of the given change to it."""

    def __init__(self, bucket, change):
        self._bucket, self._left = bucket, change

    def __getattr__(self, name):
        if name in ("put", "move", "delete"):
            if self._left == 0:
                raise Crash
            self._left -= 1
        return getattr(self._bucket, name)


@pytest.mark.parametrize("change", range(4))
@pytest.mark.parametrize("action", [replay, drop])
def test_a_crash_between_two_steps_loses_nothing_and_the_next_call_goes_on(bucket, action, change):
    refuse(bucket, "incoming/a.xml", data=b"the bytes")
    crashing = Crashing(bucket, change)
    try:
        for refused in Selection().find(crashing):
            action(crashing, Evidence(crashing), refused)
    except Crash:
        left = listed(bucket, keys.LIVE) + [
            key for key in listed(bucket, keys.QUARANTINE) if not key.endswith(keys.REASON_SUFFIX)
        ]
        assert len(left) == 1 or action is drop
    for refused in found(bucket):
        action(bucket, Evidence(bucket), refused)
    assert listed(bucket, keys.QUARANTINE) == []
    assert listed(bucket, keys.LIVE) == (["incoming/a.xml"] if action is replay else [])


def test_a_file_that_is_being_refused_right_now_keeps_its_record(bucket, evidence):
    refuse(bucket, "incoming/a.xml")
    bucket.move(bucket.stat("quarantine/schema/a.xml"), "incoming/a.xml")  # written first: the record
    evidence.begin("chunk", ["incoming/a.xml"])
    (refused,) = found(bucket)
    replay(bucket, evidence, refused)
    assert listed(bucket, keys.QUARANTINE) == ["quarantine/schema/a.xml.reason.json"]
    evidence.end("chunk")
    replay(bucket, evidence, refused)
    assert listed(bucket, keys.QUARANTINE) == []


def test_a_file_whose_record_is_lost_comes_back_to_the_live_lane(bucket, evidence):
    refuse(bucket, "incoming-backfill/a.xml")
    bucket.delete("quarantine/schema/a.xml.reason.json")
    (refused,) = found(bucket)
    assert replay(bucket, evidence, refused) == "incoming/a.xml"


def test_files_are_found_by_reason_name_and_age(bucket, tmp_path):
    for name, reason in (
        ("desk/a.xml", Reason.SCHEMA),
        ("desk/b.xml", Reason.EMPTY),
        ("c.txt", Reason.EMPTY),
    ):
        refuse(bucket, "incoming/" + name, reason, name.encode())
    hour = timedelta(hours=1)
    old = (datetime.now(UTC) - hour).timestamp()
    os.utime(tmp_path / "quarantine/empty/c.txt.reason.json", (old, old))
    now = datetime.now(UTC)

    def names(*patterns, **conditions):
        return [refused.name for refused in found(bucket, *patterns, **conditions)]

    assert names(reasons=(Reason.EMPTY,)) == ["c.txt", "desk/b.xml"]
    assert names("desk/*") == ["desk/b.xml", "desk/a.xml"]
    assert names("incoming/desk/a.xml", "c.txt") == ["c.txt", "desk/a.xml"]
    assert names("incoming-backfill/c.txt") == []
    assert names("quarantine/empty/*") == ["c.txt", "desk/b.xml"]
    assert names(before=now - hour / 2) == ["c.txt"]
    assert names(after=now - hour / 2) == ["desk/b.xml", "desk/a.xml"]


def test_a_record_that_cannot_be_read_does_not_stop_the_others(bucket):
    refuse(bucket, "incoming/a.xml")
    bucket.put("quarantine/schema/a.xml.reason.json", json.dumps({"key": 1}).encode())
    (refused,) = found(bucket)
    assert read_record(bucket, refused) is None


def test_many_files_are_replayed_in_bounded_memory():
    class Many:
        """A listing of 10,000 refused files, made as it is read."""

        moved = 0

        def list(self, prefix):
            when = datetime.now(UTC)
            for number in range(10_000):
                key = f"{prefix}schema/{number:06}.xml"
                yield Entry(key, 1, when, "e")
                yield Entry(key + keys.REASON_SUFFIX, 1, when, "e")

        def read(self, key):
            record = {
                "key": keys.LIVE + key.rpartition("/")[2].removesuffix(keys.REASON_SUFFIX),
                "reason": "schema",
                "detail": "d",
                "remedy": "r",
                "attempts": 1,
                "at": "2026-11-25T00:00:00Z",
            }
            return None, json.dumps(record).encode()

        def vacant(self, _entry, to):
            return to

        def move(self, _entry, to):
            self.moved += 1
            return to

        def stat(self, _key):
            return None

        def delete(self, _key):
            pass

    bucket = Many()
    tracemalloc.start()
    for refused in Selection().find(bucket):
        replay(bucket, Evidence(bucket), refused)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert bucket.moved == 10_000
    assert peak < 3_000_000
