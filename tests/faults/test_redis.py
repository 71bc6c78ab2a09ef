"""Faults 5 to 8, 10 and 20: Redis is killed, frozen, full, and forgets everything."""

import contextlib
import itertools
import os
import time

import pytest
import redis

from services.app import make_app, send
from services.errors import ServiceUnavailable
from services.settings import Settings
from tests.faults.desk import VISIBILITY, Every

LONGEST = 90
PATIENCE = 2  # times what the contract allows: other tests may run on the same machine
LIVE = "copydesk:live"  # the queue as Redis knows it


@pytest.mark.parametrize("appendonly", ["no", "yes"])
def test_05_redis_killed_in_the_middle_is_met_again_by_the_same_worker(make_desk, own_redis, appendonly):
    server = own_redis(appendonly=appendonly)
    desk = make_desk(server.url)
    desk.drop_stories(range(300), "slow 0.03")
    ingest, worker = desk.ingest(), desk.worker()
    desk.eventually(lambda: desk.done() > 20, 60, "work has begun")
    server.kill()
    time.sleep(2)
    server.start()
    desk.settled(LONGEST + VISIBILITY)
    assert (ingest.starts, worker.starts) == (1, 1)
    desk.check_conserved()


def test_06_files_are_accepted_while_redis_is_away_for_60_seconds_and_worked_on_when_it_is_back(
    make_desk, own_redis
):
    server = own_redis()
    desk = make_desk(server.url)
    ingest, worker = desk.ingest(), desk.worker()
    desk.drop_stories(range(20))
    desk.settled(60)
    server.stop()
    for number in range(20, 120):
        desk.drop_stories([number])
        time.sleep(0.6)
    assert desk.waiting() == 100
    server.start()
    desk.eventually(lambda: desk.waiting() < 100, PATIENCE * 20, "work has begun again")
    desk.settled(LONGEST)
    assert (ingest.starts, worker.starts) == (1, 1)
    desk.check_conserved()


def test_07_six_restarts_in_a_row_do_no_harm(make_desk, own_redis):
    server = own_redis()
    desk = make_desk(server.url)
    desk.drop_stories(range(200), "slow 0.03")
    desk.ingest()
    desk.worker()
    desk.eventually(lambda: desk.done() > 10, 60, "work has begun")
    for _ in range(6):
        server.kill()
        server.start()
        time.sleep(0.5)
    waiting = desk.waiting()
    assert waiting, "the work was over before it was disturbed"
    desk.eventually(lambda: desk.waiting() < waiting, 10 + VISIBILITY, "work goes on")
    desk.settled(LONGEST + VISIBILITY)
    desk.check_conserved()


def test_08_a_redis_frozen_for_90_seconds_is_an_error_at_once_and_nothing_is_lost(make_desk, own_redis):
    server = own_redis()
    desk = make_desk(server.url)
    desk.drop_stories(range(300), "slow 0.1")
    ingest, worker = desk.ingest(), desk.worker()
    desk.eventually(lambda: desk.done() > 10, 60, "work has begun")
    server.pause()
    frozen = time.monotonic()
    try:
        app = make_app(Settings.from_env(desk.environment))
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            send(app, "live", ["incoming/any"], alone=False, generation="")
        assert time.monotonic() - began < 15  # 5 s, and patience with a busy machine
        desk.eventually(lambda: desk.said("waiting"), 30, "ingest or worker has noticed")
        time.sleep(max(0, frozen + 90 - time.monotonic()))
        waiting = desk.waiting()
        assert waiting, "the work was over before Redis froze"
    finally:
        server.resume()
    desk.eventually(lambda: desk.waiting() < waiting, PATIENCE * 5 + VISIBILITY, "work goes on")
    desk.settled(LONGEST + VISIBILITY)
    assert (ingest.starts, worker.starts) == (1, 1)
    desk.check_conserved()


def test_10_a_full_redis_stops_the_work_and_not_for_longer_than_it_is_full(make_desk, own_redis):
    server = own_redis(maxmemory="6mb", maxmemory_policy="noeviction")
    desk = make_desk(server.url)
    desk.ingest()
    worker = desk.worker()
    desk.drop_stories(range(20))
    desk.settled(60)
    with server.client() as client:
        fill(client)
        desk.drop_stories(range(20, 220))
        desk.eventually(lambda: desk.said("waiting"), 30, "ingest or worker has noticed")
        worker.kill()  # it must come back, too
        time.sleep(5)
        assert desk.waiting() == 200
        client.config_set("maxmemory", "6mb")
        client.delete(*client.keys("somebody-elses-*"))
    desk.settled(LONGEST + VISIBILITY)
    desk.check_conserved()


def test_10_a_full_redis_ends_no_worker_and_loses_no_message(make_desk, own_redis):
    server = own_redis()
    desk = make_desk(server.url, COPYDESK_VISIBILITY_TIMEOUT="600")  # a lost message would come back too late
    desk.drop_stories(range(200), "slow 0.02")
    desk.ingest()
    worker = desk.worker()
    desk.eventually(lambda: desk.done() > 20, 60, "work has begun")
    with server.client() as client:
        client.config_set("maxmemory", "1")
        time.sleep(5)
        client.config_set("maxmemory", "0")
    desk.settled(LONGEST)
    assert worker.starts == 1
    desk.check_conserved()


def test_a_redis_that_refuses_to_write_ends_no_worker(make_desk, own_redis):
    """As one whose disk is full does, or a primary that was made a replica."""
    server = own_redis()
    desk = make_desk(server.url)
    desk.drop_stories(range(200), "slow 0.02")
    ingest, worker = desk.ingest(), desk.worker()
    desk.eventually(lambda: desk.done() > 20, 60, "work has begun")
    with server.client() as client:
        client.config_set("min-replicas-to-write", "1")
        time.sleep(8)
        client.config_set("min-replicas-to-write", "0")
    desk.settled(LONGEST + VISIBILITY)
    assert (ingest.starts, worker.starts) == (1, 1)
    desk.check_conserved()


def fill(client):
    """Let somebody else's data take all the memory; what the clients' own buffers give back, too."""
    with contextlib.suppress(redis.exceptions.OutOfMemoryError):
        for number in itertools.count():
            client.set(f"somebody-elses-{number}", os.urandom(10_000))
    client.config_set("maxmemory", "5mb")


def test_10_the_queue_never_passes_its_bound_though_no_worker_comes(make_desk, own_redis):
    server = own_redis()
    desk = make_desk(server.url, COPYDESK_MAX_OUTSTANDING="100")
    desk.drop_stories(range(600))
    desk.ingest()
    with server.client() as client:
        desk.eventually(lambda: client.llen(LIVE), 20, "files are queued")
        longest, due = 0, time.monotonic() + 3 * desk.settings.visibility_timeout
        while time.monotonic() < due:
            longest = max(longest, client.llen(LIVE))
            time.sleep(0.5)
        assert longest <= 100, "the same files are queued again and again"
    desk.worker()
    desk.settled(LONGEST)
    desk.check_conserved()


def test_20_flushing_redis_every_10_seconds_for_a_minute_loses_nothing(make_desk, own_redis):
    server = own_redis()
    desk = make_desk(server.url)
    desk.drop_stories(range(500), "slow 0.3")  # more than a minute for two
    ingest, worker = desk.ingest(), desk.worker()
    desk.eventually(lambda: desk.done() > 10, 60, "work has begun")
    with server.client() as client, Every(10, client.flushall, times=6) as flushes:
        flushes.finish(120)
        assert desk.waiting(), "the work was over before it was disturbed"
        desk.settled(2 * LONGEST)
    assert (ingest.starts, worker.starts) == (1, 1)
    desk.check_conserved()
