"""Fault 23: the clock of Redis' host is set by an hour, forwards and back."""

import time

import pytest
import redis

from tests.faults.clock import set_the_clock
from tests.faults.desk import VISIBILITY

LONGEST = 90


@pytest.mark.parametrize("seconds", [3600, -3600], ids=["forwards", "back"])
def test_23_a_clock_that_is_set_loses_nothing_and_holds_nothing_up(desk, redis_url, seconds):
    desk.drop_stories(range(300), "slow 0.03")
    desk.ingest()
    worker = desk.worker()
    desk.eventually(lambda: desk.done() > 10, 60, "work has begun")
    with redis.Redis.from_url(redis_url) as client:
        for _ in range(3):
            set_the_clock(client, seconds)
            worker.kill()  # so that something is owed
            time.sleep(1)
    desk.settled(LONGEST + 3 * VISIBILITY)
    desk.check_conserved()
