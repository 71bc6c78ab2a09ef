"""Faults 1 to 4, 13 and 22: processes are killed, stopped, and slow to come back."""

import random
import time

import pytest
import redis

from tests.faults.copydesk import LOAD_SECONDS
from tests.faults.desk import VISIBILITY, Every

LONGEST = 90  # what the work takes on a slow machine, without any fault


def test_01_children_killed_every_3_seconds_lose_nothing(desk):
    desk.drop_stories(range(500), "slow 0.08")
    desk.ingest()
    worker = desk.worker()
    desk.eventually(lambda: desk.done() > 10, 60, "work has begun")
    with Every(3, worker.kill_child, times=20) as kills:
        desk.settled(LONGEST + 20 * 5.5)
    assert kills.count >= 4, "the work was over before it was disturbed"
    assert worker.starts == 1
    desk.check_conserved()


@pytest.mark.parametrize("mutex", [False, True], ids=["", "with a stale mutex"])
def test_02_a_worker_killed_again_and_again_comes_back_to_its_messages(desk, redis_url, mutex):
    desk.drop_stories(range(300), "slow 0.05")
    desk.ingest()
    worker = desk.worker()
    desk.eventually(lambda: desk.done() > 10, 60, "work has begun")
    chance = random.Random(2)
    kills = 3 if mutex else 5
    for _ in range(kills):
        time.sleep(chance.uniform(1, 3))
        if mutex:
            # What a worker leaves that dies while it gives other dead workers' messages back.
            with redis.Redis.from_url(redis_url) as client:
                client.set("copydesk:unacked_mutex", "a dead worker", ex=30)
        worker.kill()
    desk.settled(LONGEST + kills * VISIBILITY)
    assert worker.starts == kills + 1
    desk.check_conserved()


def test_03_stopped_workers_finish_their_files_and_hand_back_the_rest(desk):
    desk.drop_stories(range(300), "slow 0.05")
    desk.ingest()
    worker = desk.worker()
    for _ in range(5):
        done = desk.done()
        desk.eventually(lambda: desk.done() > done, 60, "work has begun")  # noqa: B023
        pid = worker.pid
        worker.terminate()
        worker.ends(pid, desk.settings.grace_seconds + 3)
    desk.settled(LONGEST)
    assert worker.starts == 6
    runs = [desk.runs(number, "slow 0.05") for number in range(300)]
    # Harmless, since work done twice changes nothing; but a stop must not cost more than what is in work.
    assert max(runs) <= 2, "a file was begun more than once again"
    assert runs.count(2) <= 5 * 2 * 2, "stopping gave up more than two files of each process"
    desk.check_conserved()


def test_03_a_worker_that_is_stopped_in_a_hanging_file_ends_within_the_grace_period(desk):
    desk.drop_stories([0], "hang")
    desk.drop_stories(range(1, 50), "slow 0.05")
    desk.ingest()
    worker = desk.worker(1)
    desk.eventually(lambda: desk.runs(0, "hang"), 60, "the hanging file is begun")
    pid = worker.pid
    worker.terminate()
    worker.ends(pid, desk.settings.grace_seconds + 3)
    desk.settled(LONGEST + VISIBILITY)
    assert desk.runs(0, "hang") <= 3
    desk.check_conserved(timeout=1)


def test_03_a_worker_that_is_killed_at_the_end_of_its_grace_period_loses_nothing(desk):
    desk.drop_stories(range(40), "slow 1")
    desk.ingest()
    worker = desk.worker()
    for _ in range(2):
        desk.eventually(lambda: len(worker.children) == 2, 60, "the pool is full")
        time.sleep(3)
        worker.terminate()
        time.sleep(0.3)
        worker.kill()  # a supervisor without patience
        time.sleep(1)
    desk.settled(LONGEST + 3 * VISIBILITY)
    desk.check_conserved()


def test_13_a_pool_whose_models_load_slowly_is_soon_complete_again(desk):
    desk.drop_stories(range(60), "slow 0.1")
    desk.ingest()
    worker = desk.worker(2, **{LOAD_SECONDS: "6"})
    desk.eventually(lambda: desk.done() > 5, 60, "work has begun")
    before = worker.children
    assert worker.kill_child()
    desk.eventually(
        lambda: len(worker.children) == 2 and worker.children != before, 15, "the pool is complete"
    )
    desk.settled(LONGEST)
    assert worker.starts == 1
    desk.check_conserved()


def test_22_messages_that_vanish_between_redis_and_a_killed_worker_are_sent_again(desk):
    # kombu takes a message out of Redis before it notes it as taken: a kill in between loses it.
    desk.drop_stories(range(600))
    desk.ingest(COPYDESK_CHUNK_SIZE="1")
    worker = desk.worker()
    chance = random.Random(22)
    for _ in range(6):
        done = desk.done()
        desk.eventually(lambda: desk.done() > done or not desk.waiting(), 60, "work goes on")  # noqa: B023
        time.sleep(chance.uniform(0, 0.3))
        worker.kill()
    desk.settled(LONGEST + 3 * VISIBILITY)
    desk.check_conserved()
