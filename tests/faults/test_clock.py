"""Fault 23: the clock of Redis' host is set by an hour, forwards and back."""

import time

import pytest
import redis

from tests.faults.desk import VISIBILITY

LONGEST = 90
# All that holds a time in Redis: our leases, and when kombu gives messages back.
TIMES = ("copydesk:leases", "copydesk:unacked_index")


def set_the_clock(client, seconds):
    """To those who compare, times that lie further back are the same as a clock that went forward."""
    for key in TIMES:
        for name, at in client.zrange(key, 0, -1, withscores=True):
            client.zadd(key, {name: at - seconds}, xx=True)


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
