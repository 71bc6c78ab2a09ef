"""Faults 1 to 4, 13 and 22: processes are killed, stopped, and slow to come back."""

import base64
import itertools
import json
import random
import time

import redis

from services.bucket import keys
from tests.faults.copydesk import LOAD_SECONDS
from tests.faults.desk import VISIBILITY, Every

LONGEST = 90  # what the work takes on a slow machine, without any fault


def test_01_children_killed_every_3_seconds_lose_nothing(desk):
    desk.drop_stories(range(500), "slow 0.35")  # more than a minute for two, so that every kill finds work
    desk.ingest(COPYDESK_CHUNK_SIZE="4")
    worker = desk.worker()
    desk.eventually(lambda: desk.done() > 10, 60, "work has begun")
    with Every(3, lambda: desk.eventually(worker.kill_child, 30, "a child is there"), times=20) as kills:
        kills.finish(20 * (3 + 30))
        assert desk.waiting(), "the work was over before it was disturbed"
        desk.settled(2 * LONGEST + 20 * 5.5)
    assert worker.starts == 1
    desk.check_conserved()


def test_02_a_worker_killed_again_and_again_comes_back_to_its_messages(desk, redis_url):
    desk.drop_stories(range(300), "slow 0.2")
    desk.ingest()
    worker = desk.worker()
    desk.eventually(lambda: desk.done() > 10, 60, "work has begun")
    chance = random.Random(2)
    for kill in range(10):
        time.sleep(chance.uniform(1, 4))
        if kill == 3:
            # What a worker leaves that dies while it gives other dead workers' messages back.
            with redis.Redis.from_url(redis_url) as client:
                client.set("copydesk:unacked_mutex", "a dead worker", ex=30)
        assert desk.waiting(), "the work was over before it was disturbed"
        worker.kill()
    desk.settled(2 * LONGEST + 10 * (VISIBILITY + 10))
    assert worker.starts == 11
    desk.check_conserved()


def test_03_workers_stopped_in_turn_finish_their_files_and_work_on_none_twice(desk):
    desk.drop_stories(range(400), "slow 0.3")
    grace = {"COPYDESK_GRACE_SECONDS": "20"}  # so much that a busy machine finishes in it what was begun
    desk.ingest()
    workers = [desk.worker(1, **grace), desk.worker(1, **grace)]
    for stop in range(5):
        done = desk.done()
        desk.eventually(lambda: desk.done() > done, 60, "work goes on")  # noqa: B023
        worker = workers[stop % 2]
        pid = worker.pid
        worker.terminate()
        worker.ends(pid, 20 + 3)
    assert desk.waiting(), "the work was over before it was disturbed"
    desk.settled(2 * LONGEST)
    assert sum(worker.starts for worker in workers) == 2 + 5
    twice = [number for number in range(400) if desk.runs(number, "slow 0.3") != 1]
    assert not twice, "work was done twice"
    desk.check_conserved()


def test_03_one_worker_stopped_again_and_again_works_on_no_file_twice(desk):
    # Here messages wait longer than their leases, and are sent again.
    desk.drop_stories(range(300), "slow 0.05")
    grace = {"COPYDESK_GRACE_SECONDS": "20"}
    desk.ingest()
    worker = desk.worker(**grace)
    for _ in range(5):
        done = desk.done()
        desk.eventually(lambda: desk.done() > done, 60, "work has begun")  # noqa: B023
        pid = worker.pid
        worker.terminate()
        worker.ends(pid, 20 + 3)
    desk.settled(LONGEST)
    assert worker.starts == 6
    twice = [number for number in range(300) if desk.runs(number, "slow 0.05") != 1]
    assert not twice, "work was done twice"
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


def test_22_messages_that_vanish_between_redis_and_a_killed_worker_are_sent_again(desk, redis_url):
    """40 kills while tiny tasks are taken as fast as Redis gives them.

    kombu takes a message out of Redis before it notes it as taken, and a kill in between loses it. When
    that happens is a matter of luck, so beside every fourth kill the test takes a message itself, and
    leaves Redis just as such a worker would.
    """
    desk.ingest(COPYDESK_CHUNK_SIZE="1")
    worker = desk.worker()
    numbers, vanished = itertools.count(), set()
    chance = random.Random(22)
    with redis.Redis.from_url(redis_url) as client:
        for kill in range(40):
            if desk.waiting() < 200:
                desk.drop_stories(itertools.islice(numbers, 200))
            done = desk.done()
            desk.eventually(lambda: desk.done() > done, 60, "work goes on")  # noqa: B023
            time.sleep(chance.uniform(0, 0.3))
            if kill % 4 == 0 and (message := client.rpop("copydesk:live")):
                vanished.update(names_in(message))
            worker.kill()
        assert vanished, "no message was there to be lost"
    desk.settled(2 * LONGEST + 3 * VISIBILITY)
    assert not [name for name in vanished if desk.is_waiting(name)]
    desk.check_conserved()


def names_in(message):
    """The names, without their lane, that a message in Redis carries."""
    arguments, *_ = json.loads(base64.b64decode(json.loads(message)["body"]))
    return {keys.relative(key) for key in arguments[0]}


def test_workers_killed_from_outside_send_no_innocent_suspect_into_quarantine(desk):
    desk.drop_stories([0], "slow 5")
    patient = {
        "COPYDESK_FILE_SECONDS": "8",
        "COPYDESK_TASK_SECONDS": "11",
        "COPYDESK_GRACE_SECONDS": "9",
    }
    desk.ingest(**patient)
    worker = desk.worker(1, **patient)
    # The first death makes it a suspect; four more hit the process around the child that it then has.
    for runs in range(1, 6):
        desk.eventually(lambda: desk.runs(0, "slow 5") == runs, 60, "it is worked on")  # noqa: B023
        if runs % 2:
            worker.kill_child()
        else:
            worker.kill()
    desk.settled(LONGEST)
    assert desk.runs(0, "slow 5") == 6
    desk.check_conserved()


def test_a_file_that_kills_the_process_around_it_is_quarantined_in_the_end(desk):
    desk.drop_stories(range(20))
    desk.drop_stories([20], "parricide")
    limit = {"COPYDESK_MAX_ATTEMPTS": "1"}
    desk.ingest(**limit)
    desk.worker(1, **limit)
    desk.settled(LONGEST + 5 * VISIBILITY)
    assert desk.runs(20, "parricide") <= 6
    desk.check_conserved(worker_lost=1)
