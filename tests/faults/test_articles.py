"""Faults 9, 11 and 12: articles that kill, hang or break whoever works on them."""

import pytest
import redis

from tests.faults.desk import VISIBILITY, Every

LONGEST = 90


@pytest.mark.parametrize("flushing", [False, True], ids=["", "while Redis is flushed between attempts"])
def test_09_articles_that_kill_their_worker_are_quarantined_and_nobody_else(desk, redis_url, flushing):
    desk.drop_stories(range(490))
    desk.drop_stories(range(490, 495), "segfault")
    desk.drop_stories(range(495, 500), "bomb")
    # So that on a busy machine, too, a bomb meets the limit of memory and not that of time.
    limits = {
        "COPYDESK_FILE_MEGABYTES": "128",
        "COPYDESK_FILE_SECONDS": "6",
        "COPYDESK_TASK_SECONDS": "10",
        "COPYDESK_GRACE_SECONDS": "8",
    }
    desk.ingest(**limits)
    worker = desk.worker(**limits)

    def attempts():
        return [desk.runs(number, "segfault" if number < 495 else "bomb") for number in range(490, 500)]

    with redis.Redis.from_url(redis_url) as client:
        flushes, known = 0, 0

        def flush_after_an_attempt():
            nonlocal flushes, known
            if flushing and (now := sum(attempts())) > known:
                client.flushall()
                flushes, known = flushes + 1, now

        with Every(0.2, flush_after_an_attempt):
            desk.settled(2 * LONGEST + 3 * VISIBILITY)
    assert worker.starts == 1
    # A fast machine makes several attempts between two looks; each file has up to three.
    assert not flushing or flushes >= 3
    desk.check_conserved(worker_lost=10)
    assert max(attempts()) <= 3


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
