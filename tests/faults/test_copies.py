"""Faults 18, 21 and 24: the same file twice, old after new, rewritten, half-written; two of everything."""

import os
import shutil
import time
from pathlib import Path

import pytest

from services.bucket import keys
from tests.faults.desk import VISIBILITY, story

LONGEST = 90
ARCHIVE = 100_000


def headlines(desk):
    return {found["uid"]: found for each in desk.documents().values() for found in each}


@pytest.fixture(params=["folder", "s3"])
def any_desk(request, make_desk, redis_url):
    return make_desk(redis_url, bucket=request.getfixturevalue("s3") if request.param == "s3" else None)


def test_18_of_many_copies_and_versions_in_any_order_the_newest_remains(any_desk):
    desk = any_desk
    desk.ingest()
    desk.worker()
    identity = "urn:example:harbour:of-many-versions"
    for copy in range(3):
        desk.drop(f"copy-{copy}.json", story(1, version=2, identity=identity))
    desk.settled(60)
    desk.drop("newest.json", story(1, version=3, identity=identity))
    desk.settled(60)
    desk.drop("late.json", story(1, version=1, identity=identity))
    desk.settled(60)
    (document,) = headlines(desk).values()
    assert "in its version 3" in document["body"]
    assert document["provenance"]["key"] == "newest.json"
    assert not desk.quarantined()
    assert sum(1 for _ in desk.bucket.list(keys.PROCESSED)) == 5


def test_18_a_file_that_is_rewritten_while_it_is_worked_on_is_worked_on_again(any_desk):
    desk = any_desk
    desk.ingest()
    desk.worker()
    identity = "urn:example:harbour:rewritten"
    desk.drop("story.json", story(2, act="slow 1.5", version=1, identity=identity))
    desk.eventually(lambda: desk.runs(2, "slow 1.5"), 60, "the first bytes are worked on")
    desk.drop("story.json", story(2, act="slow 0.1", version=2, identity=identity))
    desk.settled(LONGEST)
    (document,) = headlines(desk).values()
    assert "in its version 2" in document["body"]
    assert not desk.quarantined()


def test_21_a_file_is_left_alone_until_it_is_whole(desk):
    desk.ingest(COPYDESK_SETTLE_SECONDS="1.5")
    desk.worker()
    whole = story(21)
    folder = Path(os.fsdecode(desk.bucket.root), "incoming")
    path, hidden = folder / "slowly.json", folder / "renamed.json.part"
    with path.open("wb") as file, hidden.open("wb") as part:
        part.write(story(22)[:100])
        part.flush()
        for start in range(0, len(whole), len(whole) // 12):
            file.write(whole[start : start + len(whole) // 12])
            file.flush()
            time.sleep(0.4)
            assert path.exists()
        part.write(story(22)[100:])
    desk.dropped |= {"slowly.json", "renamed.json"}
    desk.eventually(lambda: not path.exists(), 60, "the whole file is worked on")
    assert hidden.exists()
    hidden.rename(hidden.with_suffix(""))
    desk.settled(60)
    desk.check_conserved()


def test_21_files_that_people_take_back_are_no_error(desk):
    desk.drop_stories(range(100), "slow 0.05")
    desk.ingest()
    desk.worker()
    desk.eventually(lambda: desk.done() > 5, 60, "work has begun")
    taken = [entry.key for entry in desk.bucket.list(keys.LIVE)][-30:]
    for key in taken:
        desk.bucket.delete(key)
    desk.settled(LONGEST)
    processed = {entry.key.split("/", 4)[4] for entry in desk.bucket.list(keys.PROCESSED)}
    desk.dropped &= processed
    assert len(processed) >= 70
    desk.check_conserved()


def test_24_two_ingests_and_two_workers_on_one_bucket_make_no_duplicates(any_desk):
    desk = any_desk
    desk.drop_stories(range(100), "slow 0.02")
    desk.drop_stories(range(100, 200), lane=keys.BACKFILL)
    for _ in range(2):
        desk.ingest()
        desk.worker(1)
    desk.drop_stories(range(200, 250))
    desk.settled(LONGEST + VISIBILITY)
    desk.check_conserved()


def test_a_breaking_story_overtakes_an_archive_of_100000_files(desk, capsys):
    folder = Path(os.fsdecode(desk.bucket.root), keys.BACKFILL)

    def left():
        return sum(1 for _ in folder.iterdir())

    for number in range(ARCHIVE):
        (folder / f"archive-{number}.json").write_bytes(story(number))
    try:
        desk.ingest()
        desk.worker()
        desk.eventually(lambda: left() < ARCHIVE - 200, 120, "the archive is worked on")
        desk.drop("breaking.json", story(10**6))
        began = time.monotonic()
        query = {"term": {"provenance.key": "breaking.json"}}
        desk.eventually(
            lambda: desk.elasticsearch.count(index=desk.settings.index, query=query)["count"] == 1,
            30,  # where nothing else runs it takes less than 5
            "it is found",
        )
        with capsys.disabled():
            print(f"\nbreaking story searchable after {time.monotonic() - began:.1f} s")  # noqa: T201
        assert left() > ARCHIVE / 2, "the archive was over too soon"
    finally:
        desk.close()
        shutil.rmtree(folder)  # pytest keeps what tests leave
