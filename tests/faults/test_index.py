"""Faults 14 to 17: Elasticsearch is away, refuses, is overloaded, and loses its answers."""

import itertools
import json
import os
import random
import time

from services.bucket import keys
from tests.faults.desk import VISIBILITY, story
from tests.faults.proxy import answering, cutting, every, hanging, losing, passing, refusing_items

LONGEST = 90


def test_14_while_the_index_is_away_files_wait_and_it_is_asked_ever_more_seldom(desk):
    """Away for 60 seconds, or for `COPYDESK_TEST_AWAY_SECONDS`: a night's run takes 3600."""
    away = float(os.environ.get("COPYDESK_TEST_AWAY_SECONDS") or 60)
    index = desk.proxies["elasticsearch"]
    usual = {"COPYDESK_RETRY_SECONDS": "5"}
    ingest, worker = desk.ingest(**usual), desk.worker(**usual)
    desk.drop_stories(range(20))
    desk.settled(60)
    index.behaviour = cutting
    began, before = time.monotonic(), len(index.seen)
    desk.drop_stories(range(20, 220))
    time.sleep(away * 3 / 4)
    asked = [seen.at - began for seen in index.seen[before:]]
    # Two processes may both be at work when it goes; from then on one asks, every 5 s at most.
    apart = [later - earlier for earlier, later in itertools.pairwise(asked[2:])]
    assert asked
    assert all(gap > 4.5 for gap in apart), asked
    assert len(asked) <= 2 + away * 3 / 4 / 5, asked
    assert desk.waiting() == 200
    index.down()  # refused instead of broken off
    time.sleep(away / 4)
    assert not list(desk.bucket.list(".copydesk/suspects/")), "an attempt was burnt"
    index.behaviour = passing
    index.up()
    desk.eventually(lambda: desk.waiting() < 200, 2 * 30, "work goes on")
    desk.settled(LONGEST)
    assert (ingest.starts, worker.starts) == (1, 1)
    desk.check_conserved()


def test_15_what_the_index_refuses_is_quarantined_with_its_words_and_its_neighbours_are_not(desk):
    # A strict mapping does not know a field: the proxy adds it to what passes.
    desk.proxies["elasticsearch"].behaviour = with_an_unknown_field("harbour:7")
    desk.drop_stories(range(200))
    desk.ingest()
    desk.worker()
    desk.settled(LONGEST)
    refused = {name for name in desk.dropped if name.startswith(("story-7.", "story-7"))}
    desk.check_conserved(index_refused=len(refused))
    records = desk.quarantined()
    assert set(records) == refused
    assert all("strict_dynamic_mapping_exception" in record.detail for record in records.values())


def with_an_unknown_field(marker):
    def behave(request, forward):
        if not request.is_bulk:
            return forward(request)
        lines = request.body.splitlines()
        lines[1::2] = [
            json.dumps({"unheard_of": 1} | json.loads(line)).encode() if marker.encode() in line else line
            for line in lines[1::2]
        ]
        body = b"\n".join(lines) + b"\n"
        headers = tuple(
            (name, str(len(body)) if name.lower() == "content-length" else value)
            for name, value in request.headers
        )
        return forward(type(request)(request.method, request.path, headers, body, request.number))

    return behave


def test_16_an_overloaded_index_gets_everything_in_the_end_and_is_asked_ever_more_seldom(desk):
    index = desk.proxies["elasticsearch"]
    desk.drop_stories(range(300))
    chance = random.Random(16)
    index.behaviour = refusing_items(lambda: chance.random() < 0.3)
    usual = {"COPYDESK_RETRY_SECONDS": "3"}
    desk.ingest(**usual)
    desk.worker(**usual)
    desk.eventually(lambda: desk.done() > 50, LONGEST, "work has begun")
    for status in (429, 503):
        index.behaviour = answering(status)
        before = len(index.seen)
        time.sleep(30)
        tries = [seen.at for seen in index.seen[before:]]
        # Two may be at work when it begins. Then pauses of at least 3, 4.5, 6.75 and 7.2 s: a busy machine
        # only makes them longer. The last one is still going on.
        gaps = [later - earlier for earlier, later in itertools.pairwise([*tries, time.monotonic()])]
        assert len(tries) <= 2 + 5, gaps
        assert max(gaps) > 1.4 * 3 * 1.25, gaps  # 3.75 is the longest that a first pause may be
        waiting = desk.waiting()
        index.behaviour = refusing_items(lambda: chance.random() < 0.3)
        desk.eventually(lambda: desk.waiting() < waiting, 2 * 30, "work goes on")  # noqa: B023
        desk.drop_stories(range(status, status + 60))  # work for the next time; pauses are short again
    desk.settled(LONGEST + 60)
    desk.check_conserved()


def test_17_answers_that_are_lost_or_come_too_late_change_nothing(desk):
    slow = hanging(desk.settings.task_seconds)
    desk.proxies["elasticsearch"].behaviour = every(5, losing, every(7, slow))
    desk.drop_stories(range(400))
    desk.ingest(COPYDESK_CHUNK_SIZE="16")
    worker = desk.worker()
    desk.settled(LONGEST + 2 * VISIBILITY)
    assert worker.starts == 1
    desk.check_conserved()


def test_a_broken_permission_stops_the_work_with_its_remedy_and_loses_nothing(desk):
    index = desk.proxies["elasticsearch"]
    desk.ingest()
    desk.worker()
    desk.drop_stories(range(5))
    desk.settled(60)
    index.behaviour = answering(401)
    desk.drop("late.json", story(77))
    desk.eventually(lambda: desk.said("misconfigured"), 30, "it is said")
    assert "COPYDESK_ELASTICSEARCH_API_KEY" in str(desk.said("misconfigured")[0]["cause"])
    assert [entry.key for entry in desk.bucket.list(keys.LIVE)] == ["incoming/late.json"]
    index.behaviour = passing
    desk.settled(60)
    desk.check_conserved()
