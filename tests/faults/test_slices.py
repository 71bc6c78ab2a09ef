"""Large files of many articles, while what works on them is killed, stopped and made to forget."""

import json
import random
import time

import pytest
import redis

from services.bucket import keys
from services.ingest.progress import PROGRESS, Progress, ProgressRecords
from tests.faults.desk import VISIBILITY, story

RECORDS = 3000
SLICES = {"COPYDESK_SLICE_ABOVE_BYTES": "100000", "COPYDESK_SLICE_RECORDS": "50"}
LONGEST = 120  # what the work takes on a slow machine, without any fault


def lines(act=""):
    """One article a line, and two lines that are none."""
    found = [story(number, act=act) for number in range(RECORDS)]
    found[1000:1000] = [b"{broken"]
    found[2000:2000] = [b'{"headline": "no more than a headline"}']
    return b"\n".join(found)


def progress(desk) -> Progress:
    known = ProgressRecords(desk.bucket).read(keys.LIVE + "large.jsonl")
    return known or Progress(name="", etag="", sha256="")


def check_all_indexed_once(desk):
    record = desk.quarantined()["large.jsonl"]
    assert (record.reason, record.indexed, record.refused) == ("partial", RECORDS, 2)
    assert [refusal.reason for refusal in record.refusals] == ["bad_json", "no_text"]
    documents = desk.documents()["large.jsonl"]
    assert sorted(document["uid"] for document in documents) == sorted(
        f"urn:example:harbour:{number}" for number in range(RECORDS)
    )
    assert not desk.waiting()
    assert not list(desk.bucket.list(PROGRESS))


@pytest.mark.parametrize("how", ["killed", "killed, and Redis flushed", "stopped"])
def test_a_large_file_is_gone_on_with_where_its_last_slice_ended(desk, redis_url, how):
    desk.drop("large.jsonl", lines("slow 0.005"))
    desk.ingest(**SLICES)
    worker = desk.worker(1, **SLICES)
    chance = random.Random(5)
    done = 0
    for _ in range(3):
        desk.eventually(lambda: progress(desk).records > done, 60 + VISIBILITY, "work goes on")  # noqa: B023
        time.sleep(chance.uniform(0, 0.5))
        pid = worker.pid
        if how == "stopped":
            worker.terminate()
            worker.ends(pid, desk.settings.grace_seconds + 3)
        else:
            worker.kill()
            if how != "killed":
                with redis.Redis.from_url(redis_url) as client:
                    client.flushall()
        done = progress(desk).records
        assert done < RECORDS, "the work was over before it was disturbed"
    desk.settled(LONGEST + 3 * VISIBILITY)
    check_all_indexed_once(desk)
    slices = sum(int(str(line["records"])) for line in desk.said("slice"))
    assert slices <= RECORDS + 2 + 3 * 50, "slices that were acknowledged were worked on again"


def test_only_the_record_that_kills_its_worker_is_refused(desk):
    found = [story(number) for number in range(500)]
    found[300] = story(300, act="segfault")
    desk.drop("large.jsonl", b"\n".join(found))
    desk.drop("other.json", story(1000))
    desk.ingest(**SLICES)
    desk.worker(2, **SLICES)
    desk.settled(LONGEST + 3 * VISIBILITY)
    record = desk.quarantined()["large.jsonl"]
    assert (record.reason, record.indexed, record.refused) == ("partial", 499, 1)
    assert [json.loads(refusal.model_dump_json())["reason"] for refusal in record.refusals] == ["worker_lost"]
    assert len(desk.documents()["large.jsonl"]) == 499
    assert len(desk.documents()["other.json"]) == 1
