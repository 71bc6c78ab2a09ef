import os
import time

import pytest

from services.bucket.folder import FolderBucket
from services.ingest import watch
from services.ingest.watch import Watch


@pytest.fixture
def folder(tmp_path):
    bucket = FolderBucket(tmp_path)
    bucket.prepare()
    return bucket


def look(watch):
    return [entry.key for entry in watch.look()]


def test_a_file_counts_when_it_has_stayed_equal(folder):
    lane = Watch(folder, "incoming/", settle_seconds=0)
    folder.put("incoming/a", b"x")
    assert look(lane) == []
    assert look(lane) == ["incoming/a"]


def test_a_file_that_still_grows_is_left_alone(folder, tmp_path):
    lane = Watch(folder, "incoming/", settle_seconds=0)
    for size in range(1, 5):
        (tmp_path / "incoming" / "a").write_bytes(b"x" * size)
        assert look(lane) == []
    assert look(lane) == ["incoming/a"]


def test_a_file_settles_only_after_its_time(folder):
    lane = Watch(folder, "incoming/", settle_seconds=60)
    folder.put("incoming/a", b"x")
    assert [look(lane) for _ in range(3)] == [[], [], []]


def test_a_file_with_an_old_time_counts_at_once(folder, tmp_path):
    folder.put("incoming/a", b"x")
    an_hour_ago = time.time() - 3600
    os.utime(tmp_path / "incoming" / "a", (an_hour_ago, an_hour_ago))
    assert look(Watch(folder, "incoming/", settle_seconds=60)) == ["incoming/a"]


def test_a_store_that_shows_whole_files_only_needs_no_second_look(folder):
    folder.shows_unfinished = False
    folder.put("incoming/a", b"x")
    assert look(Watch(folder, "incoming/", settle_seconds=60)) == ["incoming/a"]


def test_a_long_backlog_is_read_in_slices_and_from_the_start_again(folder, monkeypatch):
    monkeypatch.setattr(watch, "SLICE", 2)
    folder.shows_unfinished = False
    for name in "abcde":
        folder.put(f"incoming/{name}", b"x")
    lane = Watch(folder, "incoming/", settle_seconds=0)
    assert look(lane) == ["incoming/a", "incoming/b"]
    assert lane.in_the_middle
    assert look(lane) == ["incoming/c", "incoming/d"]
    assert look(lane) == ["incoming/e"]
    assert not lane.in_the_middle
    assert lane.waiting == 5
    assert look(lane) == ["incoming/a", "incoming/b"]


def test_an_empty_lane_has_nothing_waiting(folder):
    lane = Watch(folder, "incoming/", settle_seconds=0)
    assert look(lane) == []
    assert lane.waiting == 0
