"""Fault 23: the clock is set by an hour, forwards and back.

The clock of Redis' host really jumps by libfaketime, where that is installed (`apt-get install faketime`);
leases go by it. kombu gives messages back by the workers' clock, and Python cannot be run under libfaketime
0.9.10 (`time.sleep` fails: it waits until a time of the monotonic clock). So there is the other way, too:
all times that are kept in Redis are moved, which is the same to those who compare them with their clock.
"""

import os
import shlex
import time
from pathlib import Path

import pytest

from tests.faults.clock import set_the_clock
from tests.faults.desk import VISIBILITY
from tests.services.redis import redis_server

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
        under_faketime(tmp_path, offset, monkeypatch)
    server = own_redis()
    desk = make_desk(server.url)
    desk.drop_stories(range(300), "slow 0.05")
    desk.ingest()
    worker = desk.worker()
    desk.eventually(lambda: desk.done() > 10, 60, "work has begun")
    with server.client() as client:
        for jump in range(1, 4):
            if way == "libfaketime":
                ahead = jump * seconds
                offset.write_text(f"{ahead:+d}")
                desk.eventually(
                    lambda: abs(client.time()[0] - time.time() - ahead) < 60,  # noqa: B023
                    30,
                    "the clock is set",
                )
            else:
                set_the_clock(client, seconds)
            worker.kill()  # so that something is owed
            time.sleep(1)
    desk.settled(LONGEST + 3 * VISIBILITY)
    desk.check_conserved()


def under_faketime(folder, offset, monkeypatch):
    """Let the Redis that is started next have a clock that is ahead by the seconds in a file."""
    script = folder / "redis-server"
    script.write_text(
        f"#!/bin/sh\nexport LD_PRELOAD={LIBRARY} FAKETIME_TIMESTAMP_FILE={shlex.quote(str(offset))}\n"
        "export FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1\n"
        f'exec {shlex.quote(redis_server())} "$@"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
