"""Fault 25: all of them, one after the other, as a seed has it. `make soak` runs it for as long as asked."""

import os
import random
from collections import Counter

import pytest

from tests.faults.soak import soak

MINUTES = float(os.environ.get("COPYDESK_TEST_SOAK_MINUTES") or 3)
#: Kilobytes a second, asked of a soak long enough for its processes to live for a while: in minutes they have
#: hardly met everything once when they are killed, and a fit of what they grow by says nothing.
MOST_GROWTH = 10
LONG_MINUTES = 30
SEED = os.environ.get("COPYDESK_TEST_SOAK_SEED")
SEEDS = [int(SEED)] if SEED else [25, random.SystemRandom().randrange(10**6)]


@pytest.mark.parametrize("where", ["folder", "s3"])
def test_25_whatever_breaks_every_file_comes_to_its_end(
    where, request, make_desk, own_redis, own_elasticsearch, capsys
):
    server = own_redis(appendonly="yes" if where == "s3" else "no")
    index = own_elasticsearch()
    bucket = request.getfixturevalue("s3") if where == "s3" else None
    desk = make_desk(server.url, bucket=bucket, index_url=index.url)
    seed = SEEDS[0] if where == "folder" else SEEDS[-1]
    with capsys.disabled():
        print(f"\nsoak in a {where}: make soak MINUTES={MINUTES:g} SEED={seed}")  # noqa: T201
    nemesis = soak(desk, server, index, seconds=MINUTES * 60, seed=seed)
    growth = {role: nemesis.memory.slope(role) for role in ("ingest", "worker", "pool")}
    with capsys.disabled():
        print(f"{len(desk.dropped)} files, {dict(Counter(nemesis.done))}")  # noqa: T201
        for role, (slope, seconds) in growth.items():
            print(f"{role}: {slope:+.1f} kB/s over {seconds:.0f} s of warm processes")  # noqa: T201
    # A process that forgets nothing of what it meets grows without end.
    if MINUTES >= LONG_MINUTES:
        assert all(slope < MOST_GROWTH for slope, seconds in growth.values() if seconds >= 60), growth
