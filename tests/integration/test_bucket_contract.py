"""The same cases against a folder and a real S3-compatible server."""

import dataclasses
import io
import os
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from services.bucket import Changed, Denied, Gone, TooLarge, keys
from services.bucket.folder import FolderBucket
from services.bucket.s3 import S3Bucket
from services.errors import Misconfigured, Reason, ServiceUnavailable
from services.ingest.evidence import Evidence
from services.ingest.quarantine import quarantine
from services.ingest.refused import Selection
from services.ingest.replay import replay
from services.ingest.whereabouts import whereabouts
from services.models import QuarantineRecord

ODD_NAMES = [
    "plain.xml",
    "with space.xml",
    "ünïcödé-名前-🗞.json",
    "tab\there.txt",
    "line\nbreak.txt",
    "percent%2Fand#hash?.html",
    "quote'\"&<>.xml",
    "a/deep/er/path/b.xml",
    "trailing.dot.",
    "UPPER.TXT",
    "upper.txt",
    "x" * 240 + ".txt",
    "/".join(["long" * 30] * 7) + ".txt",
]
ONLY_IN_OBJECT_STORES = ["//double.xml", "a//b.xml"]


def listed(bucket, prefix="incoming/", after=None):
    return [entry.key for entry in bucket.list(prefix, after)]


def test_what_is_put_can_be_listed_and_read(bucket):
    bucket.put("incoming/a.xml", b"<a/>")
    entry, data = bucket.read("incoming/a.xml")
    assert data == b"<a/>"
    assert [entry] == list(bucket.list("incoming/"))
    assert entry == bucket.stat("incoming/a.xml")
    assert entry.size == 4


class Made(io.RawIOBase):
    """A file of any length that nobody has; it may break off."""

    def __init__(self, size, breaks_at=None):
        self.size, self.breaks_at, self.at = size, breaks_at, 0

    def readable(self):
        return True

    def read(self, size=-1):
        if self.breaks_at is not None and self.at >= self.breaks_at:
            raise OSError("the disk that it is read from has gone")
        piece = bytes([self.at >> 20 & 255]) * max(min(size, self.size - self.at), 0)
        self.at += len(piece)
        return piece


def test_a_long_file_is_put_as_a_stream_in_bounded_memory(bucket):
    size = 200 << 20
    tracemalloc.start()
    try:
        bucket.put("incoming/long", Made(size))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 150 << 20
    entry = bucket.stat("incoming/long")
    assert entry.size == size
    with bucket.stream(entry) as stream:
        stream.seek(size - 5)
        assert len(set(stream.read(10))) == 1
    assert bucket.move(entry, "processed/long") in listed(bucket, "processed/")


def test_of_a_stream_that_breaks_off_nothing_is_seen(bucket):
    bucket.put("incoming/long", b"before")
    with pytest.raises((OSError, ServiceUnavailable)):
        bucket.put("incoming/long", Made(200 << 20, breaks_at=100 << 20))
    assert bucket.read("incoming/long")[1] == b"before"
    assert listed(bucket, "") == ["incoming/long"]
    assert listed(bucket, keys.OWN + "tmp/") == []


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
def test_odd_names_go_the_whole_way(bucket, name):
    bucket.put("incoming/" + name, name.encode())
    bucket.put("incoming/neighbour.txt", b"n")
    assert sorted(listed(bucket)) == sorted(["incoming/" + name, "incoming/neighbour.txt"])
    entry, data = bucket.read("incoming/" + name)
    assert data == name.encode()
    where = bucket.move(entry, keys.processed_key(entry.key, entry.modified.date()))
    assert bucket.read(where)[1] == data
    assert listed(bucket) == ["incoming/neighbour.txt"]


@pytest.mark.parametrize("name", ONLY_IN_OBJECT_STORES, ids=ascii)
def test_names_that_only_an_object_store_takes_go_the_whole_way_there(bucket, name):
    if isinstance(bucket, FolderBucket):
        with pytest.raises((Gone, ServiceUnavailable)):
            bucket.read("incoming/" + name)
        return
    bucket.put("incoming/" + name, b"x")
    bucket.put("incoming/zz", b"n")
    entry, _ = bucket.read("incoming/" + name)
    where = bucket.move(entry, keys.processed_key(entry.key, entry.modified.date()))
    assert bucket.read(where)[1] == b"x"
    assert listed(bucket) == ["incoming/zz"]


def test_listing_goes_on_behind_a_key_in_byte_order(bucket):
    names = ["incoming/" + name for name in ("a", "a-b", "a.xml", "b/a", "b/c/d", "b0", "c", "é")]
    for name in names:
        bucket.put(name, b"x")
    assert listed(bucket) == names
    for position, name in enumerate(names):
        assert listed(bucket, after=name) == names[position + 1 :]


def test_a_lane_does_not_list_its_neighbour(bucket):
    bucket.put("incoming/a", b"x")
    bucket.put("incoming-backfill/b", b"x")
    assert listed(bucket, "incoming/") == ["incoming/a"]
    assert listed(bucket, "incoming-backfill/") == ["incoming-backfill/b"]


def test_a_second_file_of_the_same_name_does_not_overwrite_the_first(bucket):
    for data in (b"first", b"second"):
        bucket.put("incoming/a.xml", data)
        bucket.move(bucket.stat("incoming/a.xml"), "processed/a.xml")
    found = [bucket.read(key)[1] for key in listed(bucket, "processed/")]
    assert sorted(found) == [b"first", b"second"]


def test_files_of_one_name_that_are_moved_in_the_same_moment_are_all_kept(bucket):
    assert race(bucket) == (1, 0)


def race(bucket, files=8, rounds=5):
    """How many files of a round came to stand under the plain name, and how many of all were lost."""
    plain, lost = set(), 0
    with ThreadPoolExecutor(files) as pool:
        for number in range(rounds):
            target, start = f"processed/{number}/a.xml", threading.Barrier(files)
            sources = [f"incoming/{number}/{file}/a.xml" for file in range(files)]
            for source in sources:
                bucket.put(source, source.encode())
            entries = [bucket.stat(source) for source in sources]

            def move(entry, target=target, start=start):
                start.wait()
                return bucket.move(entry, target)

            where = list(pool.map(move, entries))
            assert [bucket.stat(source) for source in sources] == [None] * files
            found = {key: bucket.read(key)[1].decode() for key in listed(bucket, f"processed/{number}/")}
            lost += files - len(set(found.values()) & set(sources))
            plain.add(where.count(target))
            assert {key: keys.without_mark(key) for key in found} == dict.fromkeys(where, target)
    (each,) = plain
    return each, lost


@pytest.mark.parametrize("together", [True, False], ids=["", "where the store deletes one by one"])
def test_many_files_are_moved_each_as_if_it_were_alone(bucket, together):
    if not together:
        bucket.__dict__["_deletes_together"] = False
    names = [*ODD_NAMES, *(f"{number}.xml" for number in range(20))]
    for name in (*names, "gone.xml", "changed.xml"):
        bucket.put("incoming/" + name, name.encode())
    entries = {entry.key: entry for entry in bucket.list("incoming/")}
    bucket.put("incoming/changed.xml", b"written anew")
    bucket.delete("incoming/gone.xml")
    bucket.put("processed/7.xml", b"of the same name")
    moves = [(entry, "processed/" + keys.relative(entry.key)) for entry in entries.values()]
    for (entry, to), where in zip(moves, bucket.move_all(moves), strict=True):
        name = keys.relative(entry.key)
        if name == "gone.xml":
            assert isinstance(where, Gone)
        elif name == "changed.xml":
            assert isinstance(where, Changed)
        else:
            assert (where == to) is (name != "7.xml")
            assert bucket.read(where)[1] == name.encode()
    assert listed(bucket) == ["incoming/changed.xml"]
    assert bucket.read("incoming/changed.xml")[1] == b"written anew"
    assert bucket.read("processed/7.xml")[1] == b"of the same name"
    assert bucket.move_all([]) == []


def test_two_copies_of_a_worker_that_move_the_same_file_move_it_once(bucket):
    bucket.put("incoming/a.xml", b"x")
    entry = bucket.stat("incoming/a.xml")
    start = threading.Barrier(8)

    def move(_number):
        start.wait()
        try:
            return bucket.move(entry, "processed/a.xml")
        except (Gone, Changed):
            return None

    with ThreadPoolExecutor(8) as pool:
        assert "processed/a.xml" in set(pool.map(move, range(8))) <= {"processed/a.xml", None}
    assert listed(bucket, "processed/") == ["processed/a.xml"]
    assert bucket.read("processed/a.xml")[1] == b"x"
    assert listed(bucket) == []


def test_moving_a_file_that_is_gone_says_so(bucket):
    bucket.put("incoming/a.xml", b"x")
    entry = bucket.stat("incoming/a.xml")
    bucket.delete("incoming/a.xml")
    with pytest.raises(Gone):
        bucket.move(entry, "processed/a.xml")


def test_a_file_written_anew_is_not_moved_in_place_of_the_one_that_was_read(bucket):
    bucket.put("incoming/a.xml", b"old")
    entry, _ = bucket.read("incoming/a.xml")
    bucket.put("incoming/a.xml", b"newer")
    with pytest.raises(Changed):
        bucket.move(entry, "processed/a.xml")
    assert bucket.read("incoming/a.xml")[1] == b"newer"


def test_too_large_a_file_is_named_and_not_read(bucket):
    bucket.put("incoming/a.xml", b"12345")
    with pytest.raises(TooLarge) as raised:
        bucket.read("incoming/a.xml", limit=4)
    assert raised.value.entry.key == "incoming/a.xml"
    assert bucket.read("incoming/a.xml", limit=5)[1] == b"12345"


def test_reading_and_deleting_what_is_not_there(bucket):
    assert bucket.stat("incoming/none") is None
    with pytest.raises(Gone):
        bucket.read("incoming/none")
    bucket.delete("incoming/none")


class TestFolder:
    @pytest.fixture
    def folder(self, tmp_path):
        bucket = FolderBucket(tmp_path)
        bucket.prepare()
        return bucket

    def test_names_that_are_not_utf_8_keep_their_bytes(self, folder, tmp_path):
        path = os.fsencode(tmp_path) + b"/incoming/caf\xe9.xml"
        Path(os.fsdecode(path)).write_bytes(b"x")
        (entry,) = folder.list("incoming/")
        where = folder.move(entry, keys.processed_key(entry.key, entry.modified.date()))
        assert keys.encode(where).endswith(b"/caf\xe9.xml")
        assert folder.read(where)[1] == b"x"

    def test_links_are_not_followed(self, folder, tmp_path):
        (tmp_path / "secret").mkdir()
        (tmp_path / "secret" / "a.txt").write_text("x")
        (tmp_path / "incoming" / "link").symlink_to(tmp_path / "secret")
        (tmp_path / "incoming" / "file").symlink_to(tmp_path / "secret" / "a.txt")
        assert listed(folder) == []
        with pytest.raises(Gone):
            folder.read("incoming/file")

    @pytest.mark.parametrize("key", ["incoming/../../etc/passwd", "../x", "incoming/./x", "/etc/passwd"])
    def test_no_key_leads_outside(self, folder, key):
        with pytest.raises(Gone):
            folder.read(key)

    def test_unfinished_names_do_not_count(self, folder, tmp_path):
        for name in (".hidden", "a.xml.part", "b.tmp", "c~"):
            (tmp_path / "incoming" / name).write_text("x")
        assert listed(folder) == []

    def test_a_file_stands_where_a_folder_is_needed(self, folder):
        folder.put("processed/a", b"file")
        folder.put("incoming/a/b", b"below")
        where = folder.move(folder.stat("incoming/a/b"), "processed/a/b")
        assert folder.read(where)[1] == b"below"
        assert folder.read("processed/a")[1] == b"file"

    def test_a_move_that_a_crash_cut_short_can_be_repeated(self, folder, tmp_path):
        folder.put("incoming/a", b"x")
        entry = folder.stat("incoming/a")
        os.link(tmp_path / "incoming" / "a", tmp_path / "processed" / "a")
        assert folder.move(entry, "processed/a") == "processed/a"
        assert listed(folder) == []

    def test_a_file_without_permission_is_told_from_a_bucket_without_it(self, folder, tmp_path, monkeypatch):
        folder.put("incoming/a.xml", b"x")
        if os.geteuid() == 0:  # root may do anything

            def refusing(_path, _flags):
                raise PermissionError(13, "Permission denied")

            monkeypatch.setattr(os, "open", refusing)
        else:
            (tmp_path / "incoming" / "a.xml").chmod(0)
        with pytest.raises(Denied, match="permission denied"):
            folder.read("incoming/a.xml")

    def test_a_move_that_fails_behind_its_rename_keeps_the_copy(self, folder, monkeypatch):
        folder.put("incoming/a.xml", b"x")
        entry = folder.stat("incoming/a.xml")

        def refusing(_path):
            raise PermissionError(13, "Permission denied")

        with monkeypatch.context() as patched:
            patched.setattr(os, "unlink", refusing)
            with pytest.raises(Misconfigured) as caught:
                folder.move(entry, "processed/a.xml")
        assert not isinstance(caught.value, Denied)
        assert folder.read("processed/a.xml")[1] == b"x"

    def test_one_senders_closed_folder_holds_no_others_up(self, folder, monkeypatch):
        folder.put("incoming/theirs/a.xml", b"x")
        folder.put("incoming/z.xml", b"x")
        look = os.scandir

        def refusing(path):
            if path.endswith(b"/theirs/"):
                raise PermissionError(13, "Permission denied")
            return look(path)

        monkeypatch.setattr(os, "scandir", refusing)
        assert listed(folder) == ["incoming/z.xml"]
        assert listed(folder) == ["incoming/z.xml"]

    @pytest.mark.parametrize("closed", [b"/incoming/", b"/processed/2026/"])
    def test_a_closed_folder_of_the_desk_itself_is_a_configuration_error(self, folder, monkeypatch, closed):
        folder.put("incoming/a.xml", b"x")
        folder.put("processed/2026/a.xml", b"x")
        look = os.scandir

        def refusing(path):
            if path.endswith(closed):
                raise PermissionError(13, "Permission denied")
            return look(path)

        monkeypatch.setattr(os, "scandir", refusing)
        with pytest.raises(Misconfigured):
            [*folder.list("incoming/"), *folder.list("processed/")]

    def test_a_folder_without_permission_is_a_configuration_error(self, folder, tmp_path):
        if os.geteuid() == 0:
            assert isinstance(folder, FolderBucket)  # root may do anything: nothing to see
            return
        (tmp_path / "incoming").chmod(0)
        with pytest.raises(Misconfigured):
            listed(folder)
        (tmp_path / "incoming").chmod(0o700)


class TestS3:
    @pytest.fixture
    def environment(self, s3, monkeypatch):
        for name, value in s3.environment().items():
            monkeypatch.setenv(name, value)
        return s3

    def test_a_bucket_that_does_not_exist_is_named(self, environment):
        with pytest.raises(Misconfigured, match="no-such-bucket"):
            S3Bucket("s3://no-such-bucket", endpoint=environment.endpoint).prepare()

    def test_wrong_credentials_are_a_configuration_error(self, environment, monkeypatch):
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        with pytest.raises(Misconfigured, match="AWS_"):
            S3Bucket(environment.url, endpoint=environment.endpoint).prepare()

    def test_a_server_that_does_not_answer_is_waited_for(self, environment):
        with pytest.raises(ServiceUnavailable):
            S3Bucket(environment.url, endpoint="http://127.0.0.1:9").prepare()

    def test_a_store_without_conditional_deletes_keeps_a_rewrite_too(self, environment):
        bucket = S3Bucket(environment.url, endpoint=environment.endpoint)
        bucket.__dict__["_deletes_conditionally"] = False
        bucket.put("incoming/a", b"old")
        entry = bucket.stat("incoming/a")
        assert bucket.move(entry, "processed/a") == "processed/a"
        assert bucket.stat("incoming/a") is None
        stale = dataclasses.replace(entry, key="incoming/b")
        bucket.put("incoming/b", b"new")
        with pytest.raises(Changed):
            bucket.move(stale, "processed/b")

    def test_a_rewrite_between_the_copies_and_the_deletes_stays(self, environment, monkeypatch):
        bucket = S3Bucket(environment.url, endpoint=environment.endpoint)
        assert bucket._deletes_together, "the server of the tests should know how"
        for name in ("a", "b"):
            bucket.put(f"incoming/{name}", b"old")
        moves = [(entry, "processed/" + keys.relative(entry.key)) for entry in bucket.list("incoming/")]
        delete = bucket._delete_together

        def rewritten_before(etags):
            bucket.put("incoming/a", b"new")
            return delete(etags)

        monkeypatch.setattr(bucket, "_delete_together", rewritten_before)
        first, second = bucket.move_all(moves)
        assert isinstance(first, Changed)
        assert second == "processed/b"
        assert {key: bucket.read(key)[1] for key in listed(bucket)} == {"incoming/a": b"new"}

    def test_a_store_that_goes_away_in_the_middle_is_told_for_what_did_not_move(
        self, environment, monkeypatch
    ):
        bucket = S3Bucket(environment.url, endpoint=environment.endpoint)
        for number in range(4):
            bucket.put(f"incoming/{number}", b"x")
        moves = [(entry, "processed/" + keys.relative(entry.key)) for entry in bucket.list("incoming/")]
        copy = bucket._copy

        def trouble(entry, target, **conditions):
            if entry.key == "incoming/2":
                raise ServiceUnavailable("it has gone")
            copy(entry, target, **conditions)

        monkeypatch.setattr(bucket, "_copy", trouble)
        found = bucket.move_all(moves)
        assert isinstance(found.pop(2), ServiceUnavailable)
        assert found == ["processed/0", "processed/1", "processed/3"]
        assert listed(bucket) == ["incoming/2"]

    @pytest.fixture
    def unconditional(self, environment):
        """A bucket of a store that ignores all conditions on copies."""
        bucket = S3Bucket(environment.url, endpoint=environment.endpoint)
        bucket.__dict__["_copies_conditionally"] = False
        return bucket

    def test_the_server_of_the_tests_refuses_to_overwrite(self, environment):
        # Else the races here are run against the fallback only.
        assert S3Bucket(environment.url, endpoint=environment.endpoint)._copies_conditionally

    def test_where_copies_may_overwrite_each_file_has_a_name_of_its_own(self, unconditional):
        assert race(unconditional) == (0, 0)

    def test_a_file_with_a_name_of_its_own_is_found_under_the_one_it_was_dropped_with(self, unconditional):
        unconditional.put("incoming/desk/a.xml", b"x")
        entry = unconditional.stat("incoming/desk/a.xml")
        to = keys.processed_key(entry.key, datetime.now(UTC).date())
        where = unconditional.move(entry, to)
        assert keys.without_mark(where) == to
        assert where != keys.without_mark(where)
        facts = whereabouts(unconditional, None, "desk/a.xml")
        assert (facts["state"], facts["where"]) == ("indexed", where)

    def test_a_refused_file_with_a_name_of_its_own_has_its_reason_beside_it(self, unconditional):
        unconditional.put("incoming/a.xml", b"x")
        where = quarantine(unconditional, unconditional.stat("incoming/a.xml"), record_of("incoming/a.xml"))
        assert listed(unconditional, "quarantine/") == [where, where + keys.REASON_SUFFIX]
        (refused,) = Selection().find(unconditional)
        assert replay(unconditional, Evidence(unconditional), refused) == "incoming/a.xml"

    def test_a_move_that_was_cut_short_is_completed_under_the_same_name(self, environment):
        bucket = S3Bucket(environment.url, endpoint=environment.endpoint)
        for conditional in (True, False):
            bucket.__dict__["_copies_conditionally"] = conditional
            bucket.put("incoming/a.xml", b"x")
            entry = bucket.stat("incoming/a.xml")
            where = bucket.move(entry, "processed/a.xml")
            bucket.put("incoming/a.xml", b"x")  # as if the delete had never been
            assert bucket.move(entry, "processed/a.xml") == where

    def test_marks_that_are_taken_by_other_bytes_do_not_stop_a_move(self, environment):
        bucket = S3Bucket(environment.url, endpoint=environment.endpoint)
        bucket.put("incoming/a.xml", b"x")
        entry = bucket.stat("incoming/a.xml")
        for taken in ("processed/a.xml", keys.with_mark("processed/a.xml", entry.etag[1:13])):
            bucket.put(taken, b"other bytes")
        where = bucket.move(entry, "processed/a.xml")
        assert bucket.read(where)[1] == b"x"
        assert keys.without_mark(where) == "processed/a.xml"
        assert len(listed(bucket, "processed/")) == 3

    def test_an_object_that_may_not_be_read_is_told_from_credentials_that_are_wrong(
        self, environment, monkeypatch
    ):
        bucket = S3Bucket(environment.url, endpoint=environment.endpoint)
        bucket.put("incoming/a.xml", b"x")

        def refusing(code):
            def get(**_named):
                raise ClientError({"Error": {"Code": code}}, "GetObject")

            return get

        monkeypatch.setattr(bucket.client, "get_object", refusing("AccessDenied"))
        for read in (lambda: bucket.read("incoming/a.xml"), lambda: bucket.start("incoming/a.xml", 1)):
            with pytest.raises(Denied, match=r"incoming/a\.xml.*may forbid it"):
                read()
        monkeypatch.setattr(bucket.client, "get_object", refusing("SignatureDoesNotMatch"))
        with pytest.raises(Misconfigured) as caught:
            bucket.read("incoming/a.xml")
        assert not isinstance(caught.value, Denied)

    def test_a_store_in_trouble_is_not_taken_for_one_that_knows_no_conditions(self, environment, monkeypatch):
        bucket = S3Bucket(environment.url, endpoint=environment.endpoint)
        bucket.put("incoming/a.xml", b"x")

        def busy(**_named):
            answer = {"Error": {"Code": "SlowDown"}, "ResponseMetadata": {"HTTPStatusCode": 503}}
            raise ClientError(answer, "CopyObject")

        with monkeypatch.context() as patched:
            patched.setattr(bucket.client, "copy_object", busy)
            with pytest.raises(ServiceUnavailable):
                bucket.move(bucket.stat("incoming/a.xml"), "processed/a.xml")
        assert bucket.move(bucket.stat("incoming/a.xml"), "processed/a.xml") == "processed/a.xml"


def record_of(key):
    at = datetime.now(UTC)
    return QuarantineRecord(key=key, reason=Reason.SCHEMA, detail="d", remedy="r", attempts=1, at=at)


def test_the_start_of_a_file_is_read_without_the_rest(bucket):
    bucket.put("incoming/a.xml", b"<article/>")
    bucket.put("incoming/empty.xml", b"")
    assert bucket.start("incoming/a.xml", 4) == b"<art"
    assert bucket.start("incoming/a.xml", 400) == b"<article/>"
    assert bucket.start("incoming/empty.xml", 4) == b""
    with pytest.raises(Gone):
        bucket.start("incoming/none.xml", 4)


def test_folders_are_told_without_the_files_in_them(bucket):
    for key in ("processed/2025/12/31/a.xml", "processed/2026/01/01/b/c.xml", "processed/readme"):
        bucket.put(key, b"x")
    assert list(bucket.folders("processed/")) == ["processed/2025/", "processed/2026/"]
    assert list(bucket.folders("processed/2026/01/")) == ["processed/2026/01/01/"]
    assert list(bucket.folders("processed/2027/")) == []


def test_a_large_file_is_read_as_a_stream_from_any_place(bucket):
    data = bytes(range(256)) * 70_000
    bucket.put("incoming/large.bin", data)
    with bucket.stream(bucket.stat("incoming/large.bin")) as stream:
        assert stream.read(10) == data[:10]
        stream.seek(9_000_123)
        assert stream.read(3_000_000) == data[9_000_123:12_000_123]
        assert stream.tell() == 12_000_123
        stream.seek(len(data) - 5)
        assert stream.read() == data[-5:]
        assert stream.read(1) == b""


def test_a_stream_ends_when_its_file_is_written_anew(bucket):
    bucket.put("incoming/large.bin", b"a" * 20_000_000)
    entry = bucket.stat("incoming/large.bin")
    with bucket.stream(entry) as stream:
        stream.read(10)
        bucket.put("incoming/large.bin", b"b" * 20_000_000)
        if bucket.shows_unfinished:
            assert set(stream.read()) == {ord("a")}  # the old file, which its name no longer names
        else:
            with pytest.raises(Changed):
                stream.read()
    with pytest.raises(Changed), bucket.stream(entry) as stream:
        stream.read(1)


def test_a_file_that_is_gone_has_no_stream(bucket):
    bucket.put("incoming/large.bin", b"a")
    entry = bucket.stat("incoming/large.bin")
    bucket.delete("incoming/large.bin")
    with pytest.raises(Gone), bucket.stream(entry) as stream:
        stream.read(1)
