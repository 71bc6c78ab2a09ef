import os
import subprocess
import threading
import time

import pytest

from services.bucket import keys
from services.bucket.folder import FolderBucket
from services.errors import Reason, ServiceUnavailable
from services.ingest import evidence, service
from services.ingest.breaker import MemoryBreaker
from services.ingest.evidence import RUNNING, SUSPECTS, Evidence, Failure, Fault
from services.ingest.leases import MemoryLeases
from services.ingest.progress import Progress, ProgressRecords
from services.ingest.service import Ingest
from services.settings import Settings

QUICK = {
    "COPYDESK_SETTLE_SECONDS": "0",
    "COPYDESK_REVIEW_SECONDS": "0.000001",
    "COPYDESK_POLL_SECONDS": "0.01",
}


class Desk:
    """An ingest service on a folder, with its messages caught."""

    def __init__(self, folder):
        self.bucket = FolderBucket(folder / "bucket")
        self.bucket.shows_unfinished = False
        self.bucket.prepare()
        self.leases = MemoryLeases()
        self.breaker = MemoryBreaker(60)
        self.evidence = Evidence(self.bucket)
        self.sent = []
        self.generations = []
        settings = Settings.from_env(QUICK | {"COPYDESK_HEARTBEAT_DIR": str(folder / "heartbeat")})
        self.ingest = Ingest(
            settings, bucket=self.bucket, leases=self.leases, breaker=self.breaker, send=self.send
        )

    def send(self, lane, names, *, alone, generation):
        self.sent.append((lane, tuple(names), alone))
        self.generations.append(generation)

    def drop(self, name, lane=keys.LIVE):
        self.bucket.put(lane + name, b"x")
        return lane + name

    def listed(self, prefix):
        return [entry.key for entry in self.bucket.list(prefix)]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def failure(run, fault=Fault.OWN):
    return Failure(run, Reason.WORKER_LOST, "died", "2026-11-25T00:00:00Z", fault=fault)


def test_the_live_lane_goes_before_the_backfill(desk):
    desk.drop("old", keys.BACKFILL)
    desk.drop("new")
    desk.ingest.look()
    assert [lane for lane, _, _ in desk.sent] == ["live", "backfill"]


def test_an_archive_leaves_room_for_a_breaking_story(desk, monkeypatch):
    monkeypatch.setattr(desk.ingest._dispatches["live"], "_most", 8)
    monkeypatch.setattr(desk.ingest._dispatches["backfill"], "_most", 6)
    for number in range(20):
        desk.drop(str(number), keys.BACKFILL)
    assert desk.ingest.look().outstanding == 6
    desk.drop("breaking")
    desk.ingest.look()
    assert desk.sent[-1] == ("live", ("incoming/breaking",), False)


def test_what_is_out_is_not_sent_again(desk):
    desk.drop("a")
    assert desk.ingest.look().outstanding == 1
    desk.ingest.look()
    assert len(desk.sent) == 1


def test_files_in_work_are_not_sent_again_even_when_every_lease_is_lost(desk):
    name = desk.drop("a")
    desk.evidence.begin("chunk-1", [name])
    desk.leases.release([name])
    desk.ingest.look()
    assert desk.sent == []


def test_when_every_lease_is_lost_the_bucket_is_asked_what_is_in_work_and_what_goes_alone(desk, monkeypatch):
    monkeypatch.setattr(
        desk.ingest, "_settings", desk.ingest._settings.model_copy(update={"review_seconds": 1000})
    )
    desk.ingest.look()
    in_work, killer = desk.drop("a"), desk.drop("b")
    desk.evidence.begin("chunk-1", [in_work])
    desk.evidence.blame(killer, failure("chunk-0"))
    monkeypatch.setattr(desk.leases, "generation", lambda: "another")
    desk.ingest.look()
    assert desk.sent == [("live", (killer,), True)]
    assert desk.generations == ["another"]


def test_files_of_a_worker_that_died_come_back_one_by_one(desk, monkeypatch):
    names = [desk.drop("a"), desk.drop("b")]
    child = subprocess.Popen(["sleep", "60"])
    monkeypatch.setattr(os, "getpid", lambda: child.pid)
    desk.leases.take(names, 600, 10)
    desk.evidence.begin("chunk-1", names)
    desk.ingest.look()
    assert desk.sent == []
    child.kill()
    child.wait()
    desk.ingest.look()
    assert desk.sent == [("live", (name,), True) for name in names]
    assert desk.listed(RUNNING) == []


def test_a_marker_of_another_host_counts_as_dead_after_the_visibility_timeout(desk, monkeypatch):
    name = desk.drop("a")
    monkeypatch.setattr(evidence, "_HOST", "another")
    desk.evidence.begin("chunk-1", [name])
    monkeypatch.undo()
    desk.ingest.look()
    assert desk.sent == []
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 301)
    desk.ingest.look()
    assert desk.sent == [("live", (name,), True)]


def test_a_file_that_failed_often_enough_is_quarantined(desk):
    name = desk.drop("a")
    for run in ("1", "2", "3"):
        desk.evidence.blame(name, failure(run))
    desk.ingest.look()
    assert desk.listed(keys.LIVE) == []
    assert desk.listed(keys.QUARANTINE)[0] == "quarantine/worker_lost/a"
    assert desk.listed(SUSPECTS) == []


@pytest.mark.parametrize("fault", [Fault.SHARED, Fault.OUTSIDE])
def test_a_file_is_not_quarantined_for_what_may_have_come_from_outside(desk, fault):
    name = desk.drop("a")
    for run in "12345":
        desk.evidence.blame(name, failure(run, fault))
    desk.ingest.look()
    assert desk.listed(keys.LIVE) == [name]


def test_deaths_at_several_files_are_attempts_of_each_when_one_has_shown_its_own_fault(desk):
    name = desk.drop("a")
    for run, fault in (("1", Fault.SHARED), ("2", Fault.OWN), ("3", Fault.OUTSIDE)):
        desk.evidence.blame(name, failure(run, fault))
    desk.ingest.look()
    assert desk.listed(keys.LIVE) == [name]
    desk.evidence.blame(name, failure("4"))
    desk.ingest.look()
    assert desk.listed(keys.QUARANTINE)[0] == "quarantine/worker_lost/a"


def test_a_file_around_which_workers_die_without_end_is_quarantined_too(desk):
    name = desk.drop("a")
    for run in range(15):
        assert desk.listed(keys.QUARANTINE) == []
        desk.evidence.blame(name, failure(str(run), Fault.OUTSIDE))
        desk.ingest.look()
    assert desk.listed(keys.QUARANTINE)[0] == "quarantine/worker_lost/a"


def test_a_guilty_file_that_may_not_be_taken_away_is_left_alone(desk, monkeypatch):
    def closed(_source, _target):
        raise PermissionError(13, "Permission denied")

    name = desk.drop("a")
    for run in "123":
        desk.evidence.blame(name, failure(run))
    monkeypatch.setattr(os, "rename", closed)
    desk.ingest.look()
    assert desk.listed(keys.LIVE) == [name]
    assert desk.sent == []
    assert desk.leases.outstanding() == 1


def test_what_a_death_says_is_known_to_the_marker(desk, monkeypatch):
    name = desk.drop("a")
    child = subprocess.Popen(["sleep", "60"])
    monkeypatch.setattr(os, "getpid", lambda: child.pid)
    desk.evidence.begin("chunk-1", [name], Fault.OUTSIDE)
    child.kill()
    child.wait()
    desk.ingest.look()
    assert [failure.fault for failure in desk.evidence.suspect(name).failures] == [Fault.OUTSIDE]


def test_the_same_run_is_held_against_a_file_once(desk):
    name = desk.drop("a")
    for _ in range(5):
        desk.evidence.blame(name, failure("1"))
    assert len(desk.evidence.suspect(name).failures) == 1


def test_bytes_written_anew_start_with_a_clean_slate(desk):
    name = desk.drop("a")
    desk.evidence.blame(name, failure("1"))
    desk.bucket.put(name, b"new bytes")
    assert len(desk.evidence.blame(name, failure("2")).failures) == 1


def test_a_suspect_that_is_gone_is_forgotten(desk):
    name = desk.drop("a")
    desk.evidence.blame(name, failure("1"))
    desk.bucket.delete(name)
    desk.ingest.look()
    assert desk.listed(SUSPECTS) == []


def test_how_far_work_had_come_on_a_file_that_is_gone_is_forgotten(desk, monkeypatch):
    records = ProgressRecords(desk.bucket)
    there, gone, busy = desk.drop("there"), keys.LIVE + "gone", keys.LIVE + "busy"
    for name in (there, gone, busy):
        records.write(Progress(name=name, etag="e", sha256="s"))
    desk.evidence.begin("chunk", [busy])  # its worker may have moved it this moment
    desk.ingest.look()
    assert sorted(records.names()) == [busy, there]
    desk.evidence.end("chunk")
    desk.ingest.look()
    assert busy in records.names()  # it is not looked for at every look
    monkeypatch.setattr(service, "_SWEEP_SECONDS", 0)
    desk.ingest.look()
    assert list(records.names()) == [there]


def test_while_a_service_is_away_only_a_probe_goes_out_in_its_time(desk, monkeypatch):
    for number in range(20):
        desk.drop(str(number))
    desk.breaker.failed()
    desk.ingest.look()
    assert desk.sent == []
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 100)
    desk.ingest.look()
    assert len(desk.sent) == 1


def test_it_waits_for_a_queue_that_is_away_and_goes_on(desk, monkeypatch):
    desk.drop("a")
    stop = threading.Event()

    def away(_lane, _names, *, alone, **_more):
        assert not alone
        monkeypatch.setattr(desk.ingest._dispatches["live"], "_send", back)
        raise ServiceUnavailable("Redis is away")

    def back(lane, names, *, alone, generation):
        desk.send(lane, names, alone=alone, generation=generation)
        stop.set()

    monkeypatch.setattr(desk.ingest._dispatches["live"], "_send", away)
    monkeypatch.setattr(
        desk.ingest, "_settings", desk.ingest._settings.model_copy(update={"retry_seconds": 0.01})
    )
    desk.ingest.run(stop)
    assert desk.sent == [("live", ("incoming/a",), False)]


def test_it_ends_when_nothing_waits_and_nothing_is_in_work(desk):
    desk.ingest.run(threading.Event(), until_empty=True)


def test_it_ends_when_nothing_waits_but_what_may_not_be_read(desk):
    stuck = desk.drop("theirs")
    desk.leases.take([stuck], 600, 10)
    desk.ingest.run(threading.Event(), until_empty=True, stuck=lambda: 1)
    assert desk.listed(keys.LIVE) == [stuck]
