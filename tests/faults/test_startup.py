"""Fault 4 and its kin: a configuration that would lose or repeat work is refused by name."""

import pytest

from tests.faults.desk import VISIBILITY
from tests.processes import run


@pytest.mark.parametrize("command", ["ingest", "worker"])
def test_a_redis_that_drops_what_it_holds_is_refused_with_the_remedy(own_redis, tmp_path, command):
    server = own_redis(maxmemory="100mb", maxmemory_policy="allkeys-lru")
    done = run(command, env={"COPYDESK_REDIS_URL": server.url, "COPYDESK_BUCKET": str(tmp_path)})
    assert done.returncode == 2
    assert "allkeys-lru" in done.stderr
    assert "noeviction" in done.stderr
    assert "Traceback" not in done.stderr


def test_04_limits_that_hand_out_work_twice_are_refused(desk):
    for command in ("ingest", "worker"):
        done = run(command, env=desk.environment | limits(file=2, task=60, visibility=30))
        assert done.returncode == 2
        assert "COPYDESK_TASK_SECONDS < COPYDESK_VISIBILITY_TIMEOUT" in done.stderr


def test_04_a_message_handed_out_while_it_is_worked_on_still_makes_one_document(desk):
    # Of two processes each has its own idea of the limits: the messages of one are handed out by the other.
    patient = limits(file=15, task=40, visibility=60) | {"COPYDESK_GRACE_SECONDS": "20"}
    hasty = limits(file=1, task=2, visibility=3)
    desk.drop_stories(range(2), "slow 12")
    desk.ingest(**patient)
    desk.worker(2, **patient)
    desk.eventually(lambda: desk.runs(0, "slow 12") and desk.runs(1, "slow 12"), 60, "work has begun")
    desk.worker(1, **hasty)
    desk.settled(60 + VISIBILITY)
    desk.check_conserved()


def limits(*, file, task, visibility):
    return {
        "COPYDESK_FILE_SECONDS": str(file),
        "COPYDESK_TASK_SECONDS": str(task),
        "COPYDESK_VISIBILITY_TIMEOUT": str(visibility),
    }
