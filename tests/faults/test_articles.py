"""Faults 9, 11 and 12: articles that kill, hang or break whoever works on them."""

import threading

import pytest
import redis

from tests.faults.desk import VISIBILITY, Every

LONGEST = 90


@pytest.mark.parametrize("flushing", [False, True], ids=["", "while Redis is flushed"])
def test_09_articles_that_kill_their_worker_are_quarantined_and_nobody_else(desk, redis_url, flushing):
    desk.drop_stories(range(190))
    desk.drop_stories(range(190, 195), "segfault")
    desk.drop_stories(range(195, 200), "bomb")
    desk.ingest()
    worker = desk.worker()
    with (
        redis.Redis.from_url(redis_url) as client,
        Every(3, client.flushall if flushing else threading.Event),
    ):
        desk.settled(LONGEST + 3 * VISIBILITY)
    assert worker.starts == 1
    desk.check_conserved(worker_lost=10)
    assert all(desk.runs(number, "segfault") <= 3 for number in range(190, 195))
    assert all(desk.runs(number, "bomb") <= 3 for number in range(195, 200))


def test_11_articles_that_never_end_are_quarantined_once_each(desk):
    desk.drop_stories(range(50))
    desk.drop_stories(range(50, 55), "loop")
    desk.drop_stories(range(55, 58), "hang")
    desk.ingest()
    worker = desk.worker()
    desk.settled(LONGEST + 3 * VISIBILITY)
    assert worker.starts == 1
    desk.check_conserved(timeout=8)
    assert all(desk.runs(number, "loop") <= 3 for number in range(50, 55))
    assert all(desk.runs(number, "hang") <= 3 for number in range(55, 58))


def test_12_a_passing_trouble_is_tried_again_and_a_bug_quarantined_with_its_traceback(desk):
    desk.drop_stories(range(160))
    desk.drop_stories(range(160, 180), "once")
    desk.drop_stories(range(180, 200), "error")
    desk.ingest()
    desk.worker()
    desk.settled(LONGEST)
    desk.check_conserved(error=20)
    assert all(desk.runs(number, "once") == 2 for number in range(160, 180))
    assert all(desk.runs(number, "error") == 3 for number in range(180, 200))
    for record in desk.quarantined().values():
        assert record.traceback is not None
        assert "this article meets a bug" in record.traceback
        assert record.attempts == 3
