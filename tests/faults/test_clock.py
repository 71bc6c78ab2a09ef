"""Fault 23: the clock is set by an hour, forwards and back.

By libfaketime where it is installed (`apt-get install faketime`): then the clock of Redis, ingest and
workers really jumps, as on one machine. And always by moving the times that are kept in Redis: then its
clock jumps against theirs.
"""

import time
from pathlib import Path

import pytest

from tests.faults.clock import set_the_clock
from tests.faults.desk import VISIBILITY

LONGEST = 90
LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
WAYS = ["Redis' times", *(["libfaketime"] if LIBRARY else [])]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seconds", [3600, -3600], ids=["forwards", "back"])
def test_23_a_clock_that_is_set_loses_nothing_and_holds_nothing_up(
    make_desk, own_redis, monkeypatch, tmp_path, seconds, way
):
    offset = tmp_path / "offset"
    offset.write_text("+0")
    if way == "libfaketime":
        # What is started from here on inherits it; the clock of this process stays as it is.
        monkeypatch.setenv("LD_PRELOAD", str(LIBRARY))
        monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(offset))
        monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
        monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    server = own_redis()
    desk = make_desk(server.url)
    desk.drop_stories(range(300), "slow 0.05")
    desk.ingest()
    worker = desk.worker()
    desk.eventually(lambda: desk.done() > 10, 60, "work has begun")
    with server.client() as client:
        for jump in range(1, 4):
            if way == "libfaketime":
                before = client.time()[0]
                offset.write_text(f"{jump * seconds:+d}")
                assert abs(client.time()[0] - before - seconds) < 60, "the clock was not set"
            else:
                set_the_clock(client, seconds)
            worker.kill()  # so that something is owed
            time.sleep(1)
    desk.settled(LONGEST + 3 * VISIBILITY)
    desk.check_conserved()
