import errno
import json
import os
import subprocess
import uuid

import pytest

from services.bucket import Changed, Denied, keys
from services.bucket.folder import FolderBucket
from services.enrich import pipeline
from services.enrich.learnt import FURNITURE
from services.enrich.pipeline import Tools
from services.enrich.worker import Worker
from services.errors import Misconfigured, Reason, ServiceUnavailable
from services.index import IndexUnavailable
from services.index.query import Query
from services.index.sqlite import SQLiteIndex
from services.ingest.breaker import MemoryBreaker
from services.ingest.evidence import RUNNING, SUSPECTS, Evidence, Failure
from services.ingest.leases import MemoryLeases
from services.settings import Settings

STORY = {
    "uri": "urn:example:harbour-1",
    "type": "text",
    "version": "1",
    "headline": "Harbour bridge closes for repairs",
    "body_text": "The harbour bridge in Newhaven will close until October.\n\nFerries run instead.",
}


@pytest.fixture
def bucket(tmp_path):
    bucket = FolderBucket(tmp_path / "bucket")
    bucket.prepare()
    return bucket


@pytest.fixture
def index(tmp_path):
    index = SQLiteIndex(tmp_path / "index.sqlite")
    index.prepare()
    yield index
    index.close()


@pytest.fixture
def leases():
    return MemoryLeases()


@pytest.fixture
def breaker():
    return MemoryBreaker(60)


@pytest.fixture
def receipts():
    return []


@pytest.fixture
def worker(bucket, index, leases, breaker, receipts):
    return Worker(
        Settings.from_env({"COPYDESK_MAX_FILE_BYTES": "100000"}),
        bucket=bucket,
        index=index,
        leases=leases,
        breaker=breaker,
        tools=Tools(),
        report=receipts.append,
    )


def drop(bucket, name, content):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    bucket.put(keys.LIVE + name, data)
    return keys.LIVE + name


def work(worker, *names, **how):
    worker.work(uuid.uuid4().hex, names, **how)


def listed(bucket, prefix):
    return [entry.key for entry in bucket.list(prefix)]


def test_an_article_is_indexed_and_its_file_moved(worker, bucket, index, receipts):
    work(worker, drop(bucket, "desk/a.json", STORY))
    assert listed(bucket, keys.LIVE) == []
    (where,) = listed(bucket, keys.PROCESSED)
    assert where.endswith("/desk/a.json")
    (document,) = index.by_key("desk/a.json")
    assert document.source["headline"] == STORY["headline"]
    assert document.source["provenance"]["format"] == "ninjs"
    (receipt,) = receipts
    assert (receipt.outcome, receipt.where, receipt.documents) == ("indexed", where, (document.id,))


def test_a_refused_file_keeps_its_bytes_and_stands_beside_its_reason(worker, bucket, receipts):
    work(worker, drop(bucket, "desk/empty.txt", b" \n"))
    data = bucket.read("quarantine/empty/desk/empty.txt")[1]
    assert data == b" \n"
    record = json.loads(bucket.read("quarantine/empty/desk/empty.txt.reason.json")[1])
    assert record["key"] == "incoming/desk/empty.txt"
    assert record["reason"] == "empty"
    assert record["detail"]
    assert record["remedy"]
    assert receipts[0].reason is Reason.EMPTY


def test_a_bad_file_does_not_stop_its_neighbours(worker, bucket, receipts):
    names = [
        drop(bucket, "1.bin", b"\x7fELF\x00\x01\x02\x03" * 50),
        drop(bucket, "2.json", STORY),
        drop(bucket, "3.json", b'{"uri": '),
    ]
    work(worker, *names)
    outcomes = {receipt.key: receipt.outcome for receipt in receipts}
    assert outcomes == dict(zip(names, ["quarantined", "indexed", "quarantined"], strict=True))
    assert listed(bucket, keys.LIVE) == []


def test_good_articles_of_a_file_are_indexed_and_the_bad_ones_named(worker, bucket, index, receipts):
    lines = [json.dumps(STORY), "{broken", json.dumps(STORY | {"uri": "urn:example:harbour-2"})]
    work(worker, drop(bucket, "a.jsonl", "\n".join(lines).encode()))
    assert index.count() == 2
    (receipt,) = receipts
    assert receipt.reason is Reason.PARTIAL
    record = json.loads(bucket.read(receipt.where + keys.REASON_SUFFIX)[1])
    assert len(record["refusals"]) == 1
    assert len(record["documents"]) == 2


def test_working_twice_changes_nothing(worker, bucket, index):
    for _ in range(2):
        work(worker, drop(bucket, "a.json", STORY))
    assert index.count() == 1
    assert listed(bucket, keys.QUARANTINE) == []


def test_an_older_version_that_comes_late_is_a_success_that_changes_nothing(worker, bucket, index, receipts):
    work(worker, drop(bucket, "new.json", STORY | {"version": "2", "headline": "Bridge opens early"}))
    work(worker, drop(bucket, "old.json", STORY))
    (hit,) = index.search(Query(words="bridge")).hits
    assert hit.headline == "Bridge opens early"
    assert [receipt.outcome for receipt in receipts] == ["indexed", "indexed"]


def test_an_article_that_cancels_another_ends_that_one_too(worker, bucket, index):
    nitf = """<nitf>
    <head><docdata management-status="{status}" {ref}><doc-id id-string="{id}"/></docdata></head>
    <body><body.head><hedline><hl1>{headline}</hl1></hedline></body.head>
    <body.content><p>The harbour bridge in Newhaven will close until October, the council said.</p>
    </body.content></body></nitf>"""
    kill = 'management-doc-idref="harbour.1" management-idref-status="canceled"'
    story = nitf.format(status="usable", ref="", id="harbour.1", headline="Bridge closes")
    work(worker, drop(bucket, "story.xml", story.encode()))
    assert index.search(Query(words="bridge")).total == 1
    notice = nitf.format(status="canceled", ref=kill, id="harbour.2", headline="Kill: Bridge closes")
    work(worker, drop(bucket, "kill.xml", notice.encode()))
    assert index.search(Query(words="bridge")).total == 0
    work(worker, drop(bucket, "again.xml", story.encode()))
    assert index.search(Query(words="bridge")).total == 0
    assert listed(bucket, keys.LIVE) == listed(bucket, keys.QUARANTINE) == []


def test_a_file_without_an_article_says_what_it_is(worker, bucket, receipts):
    work(worker, drop(bucket, "a.json", []))
    (receipt,) = receipts
    assert receipt.outcome == "ignored"
    assert json.loads(bucket.read(receipt.where + keys.IGNORED_SUFFIX)[1])["ignored"] == receipt.detail


def test_too_large_a_file_is_refused_unread(worker, bucket, receipts):
    work(worker, drop(bucket, "a.json", b"x" * 100_001))
    assert receipts[0].reason is Reason.TOO_LARGE


def test_a_file_that_a_person_took_back_is_no_error(worker, leases, receipts):
    leases.take(["incoming/gone.json"], 60, 10)
    work(worker, "incoming/gone.json")
    assert receipts == []
    assert leases.outstanding() == 0


def test_a_file_that_may_not_be_read_waits_and_holds_nobody_up(
    worker, bucket, leases, breaker, receipts, monkeypatch
):
    theirs, ours = drop(bucket, "a.json", STORY), drop(bucket, "b.json", STORY | {"uri": "urn:example:2"})
    read = bucket.read

    def closed(key, limit=None):
        if key == theirs:
            raise Denied("a.json: permission denied")
        return read(key, limit)

    with monkeypatch.context() as patched:
        patched.setattr(bucket, "read", closed)
        work(worker, theirs, ours)
    assert listed(bucket, keys.LIVE) == [theirs]
    assert [receipt.key for receipt in receipts] == ["incoming/b.json"]
    assert Evidence(bucket).suspects() == {}
    assert not breaker.is_open()
    assert list(leases.take([theirs, ours], 60, 10)) == [ours]
    assert worker.denied == {theirs}
    work(worker, theirs)
    assert listed(bucket, keys.LIVE) == []
    assert worker.denied == set()


@pytest.mark.parametrize("content", [STORY, b"", {"nothing": "of news"}], ids=["sound", "empty", "unknown"])
def test_a_file_that_may_not_be_taken_away_waits_and_holds_nobody_up(
    worker, bucket, leases, breaker, receipts, monkeypatch, content
):
    theirs, ours = drop(bucket, "a.json", content), drop(bucket, "b.json", STORY | {"uri": "urn:example:2"})
    rename = os.rename

    def closed(source, target):
        if source.endswith(b"/a.json"):
            raise PermissionError(13, "Permission denied")
        rename(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", closed)
        work(worker, theirs, ours)
    assert listed(bucket, keys.LIVE) == [theirs]
    assert not [name for name in listed(bucket, keys.PROCESSED) if name.endswith("a.json")]
    assert [receipt.key for receipt in receipts] == ["incoming/b.json"]
    assert not breaker.is_open()
    assert list(leases.take([theirs, ours], 60, 10)) == [ours]
    assert worker.denied == {theirs}
    work(worker, theirs)
    assert listed(bucket, keys.LIVE) == []
    assert worker.denied == set()


def test_a_file_that_was_closed_and_is_too_large_is_refused_once_it_is_open(worker, bucket, receipts):
    name = drop(bucket, "a.json", b"x" * 100_001)
    worker.denied.add(name)
    work(worker, name)
    assert receipts[0].reason is Reason.TOO_LARGE
    assert worker.denied == set()


@pytest.mark.parametrize("trouble", [ServiceUnavailable("index away"), Misconfigured("no permission")])
def test_while_the_index_is_away_files_wait_and_are_left_alone(
    worker, bucket, index, leases, receipts, monkeypatch, trouble
):
    def away(_documents):
        raise trouble

    monkeypatch.setattr(index, "put_many", away)
    name = drop(bucket, "a.json", STORY)
    work(worker, name)
    assert listed(bucket, keys.LIVE) == [name]
    assert list(leases.take([name], 60, 10)) == []
    assert receipts == []


def test_a_rewrite_during_work_stays_to_be_worked_on(worker, bucket, index, monkeypatch):
    name = drop(bucket, "a.json", STORY)
    put_many = index.put_many

    def put_and_rewrite(documents):
        drop(bucket, "a.json", STORY | {"version": "2", "headline": "Bridge opens early"})
        return put_many(documents)

    monkeypatch.setattr(index, "put_many", put_and_rewrite)
    work(worker, name)
    assert listed(bucket, keys.LIVE) == [name]
    monkeypatch.undo()
    work(worker, name)
    (hit,) = index.search(Query(words="bridge")).hits
    assert hit.headline == "Bridge opens early"


def test_a_document_that_the_index_refuses_is_quarantined_in_its_words(worker, bucket, index, monkeypatch):
    from services.index import Outcome, Result

    monkeypatch.setattr(
        index, "put_many", lambda docs: [Outcome(doc.id, Result.REFUSED, "mapper says no") for doc in docs]
    )
    work(worker, drop(bucket, "a.json", STORY))
    record = json.loads(bucket.read("quarantine/index_refused/a.json.reason.json")[1])
    assert record["detail"] == "mapper says no"


def test_a_bug_met_by_one_file_is_kept_with_its_traceback_after_three_tries(
    worker, bucket, receipts, monkeypatch
):
    def broken(_raw):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(pipeline, "parse", broken)
    name = drop(bucket, "a.json", STORY)
    for left in ([name], [name], []):
        work(worker, name)
        assert listed(bucket, keys.LIVE) == left
    record = json.loads(bucket.read("quarantine/error/a.json.reason.json")[1])
    assert "ZeroDivisionError: a bug" in record["traceback"]
    assert record["attempts"] == 3
    assert len(receipts) == 1
    assert listed(bucket, SUSPECTS) == []


@pytest.mark.parametrize(
    "shortage",
    [RuntimeError("can't start new thread"), MemoryError(), OSError(errno.EMFILE, "Too many open files")],
)
def test_a_machine_short_of_something_makes_its_files_wait_and_is_held_against_none(
    worker, bucket, monkeypatch, shortage
):
    def short(*_settled):
        raise shortage

    name = drop(bucket, "a.json", STORY)
    with monkeypatch.context() as patched:
        patched.setattr(bucket, "move_all", short)
        work(worker, name)
    assert listed(bucket, keys.LIVE) == [name]
    assert listed(bucket, SUSPECTS) == listed(bucket, RUNNING) == []


def test_a_passing_failure_is_forgotten_once_the_file_has_come_to_its_end(worker, bucket, monkeypatch):
    def broken(_raw):
        raise ZeroDivisionError("a bug")

    name = drop(bucket, "a.json", STORY)
    monkeypatch.setattr(pipeline, "parse", broken)
    work(worker, name)
    assert len(listed(bucket, SUSPECTS)) == 1
    monkeypatch.undo()
    work(worker, name, alone=True)
    assert listed(bucket, SUSPECTS) == listed(bucket, keys.LIVE) == []


def test_a_message_that_killed_its_worker_makes_suspects_and_is_not_worked_on_again(
    worker, bucket, leases, monkeypatch
):
    names = [drop(bucket, f"{number}.json", STORY) for number in range(3)]
    with subprocess.Popen(["sleep", "60"]) as child, monkeypatch.context() as patched:
        patched.setattr(os, "getpid", lambda: child.pid)
        Evidence(bucket).begin("chunk-1", names)
        child.kill()
    leases.take(names, 600, 10)
    worker.work("chunk-1", names, redelivered=True)
    assert listed(bucket, keys.LIVE) == names
    assert listed(bucket, RUNNING) == []
    assert [len(suspect.failures) for suspect in Evidence(bucket).suspects().values()] == [1, 1, 1]


def test_a_message_that_comes_back_while_it_is_worked_on_is_left_to_that_run(worker, bucket, leases):
    name = drop(bucket, "a.json", STORY)
    Evidence(bucket).begin("chunk-1", [name])  # by this very process, which lives
    leases.take([name], 600, 10)
    worker.work("chunk-1", [name], redelivered=True)
    assert listed(bucket, keys.LIVE) == [name]
    assert len(listed(bucket, RUNNING)) == 1
    assert leases.outstanding() == 1


def test_a_message_that_comes_back_without_having_been_begun_gives_its_files_back(worker, bucket, leases):
    name = drop(bucket, "a.json", STORY)
    leases.take([name], 600, 10)
    work(worker, name, redelivered=True)
    assert listed(bucket, keys.LIVE) == [name]
    assert leases.outstanding() == 0


def test_a_file_that_is_in_work_elsewhere_is_left_to_that_run(worker, bucket, leases):
    theirs, ours = drop(bucket, "a.json", STORY), drop(bucket, "b.json", STORY)
    leases.claim("another message", [theirs], 600)
    work(worker, theirs, ours)
    assert listed(bucket, keys.LIVE) == [theirs]
    assert list(leases.take([theirs], 60, 10)) == []


def test_a_message_is_void_when_the_leases_it_relied_on_are_lost(worker, bucket, leases, monkeypatch):
    name = drop(bucket, "a.json", STORY)
    sent_in = leases.generation()
    monkeypatch.setattr(leases, "generation", lambda: "another")
    leases.take([name], 60, 10)  # for a message sent since
    for redelivered in (False, True):
        work(worker, name, generation=sent_in, redelivered=redelivered)
    assert listed(bucket, keys.LIVE) == [name]
    assert list(leases.take([name], 60, 10)) == []
    work(worker, name, generation="another")
    assert listed(bucket, keys.LIVE) == []


def test_a_message_that_comes_back_gives_back_nothing_that_another_is_at_work_on(worker, bucket, leases):
    name = drop(bucket, "a.json", STORY)
    leases.claim("another message", [name], 600)
    work(worker, name, redelivered=True)
    assert list(leases.take([name], 60, 10)) == []


def test_no_marker_is_left_when_the_work_is_done(worker, bucket):
    work(worker, drop(bucket, "a.json", STORY))
    assert listed(bucket, RUNNING) == []


def test_while_the_breaker_is_open_nothing_is_touched(worker, bucket, breaker, leases):
    breaker.failed()
    name = drop(bucket, "a.json", STORY)
    work(worker, name)
    assert listed(bucket, keys.LIVE) == [name]
    assert list(leases.take([name], 60, 10)) == []


def test_a_file_moved_by_another_worker_meanwhile_is_no_error(worker, bucket, receipts, monkeypatch):
    def moved(moves):
        return [Changed("written anew") for _ in moves]

    monkeypatch.setattr(bucket, "move_all", moved)
    work(worker, drop(bucket, "a.json", STORY))
    assert receipts == []


def test_a_stopping_worker_hands_back_what_it_has_not_begun(bucket, index, leases, breaker, receipts):
    stopping = iter([False, True])
    worker = Worker(
        Settings.from_env({}),
        bucket=bucket,
        index=index,
        leases=leases,
        breaker=breaker,
        tools=Tools(),
        report=receipts.append,
        stopping=lambda: next(stopping),
    )
    names = [drop(bucket, f"{number}.json", STORY) for number in range(3)]
    leases.take(names, 60, 10)
    work(worker, *names)
    assert [receipt.key for receipt in receipts] == names[:1]
    assert list(leases.take(names, 60, 10)) == names


def test_what_an_overloaded_index_takes_is_done_and_the_rest_waits(
    worker, bucket, index, leases, monkeypatch
):
    names = [drop(bucket, f"{number}.json", STORY | {"uri": f"urn:{number}"}) for number in range(3)]
    put_many = index.put_many

    def overloaded(documents):
        taken = put_many(documents[:2])
        raise IndexUnavailable("1 of 3 must be sent again", [*taken, None])

    monkeypatch.setattr(index, "put_many", overloaded)
    work(worker, *names)
    assert listed(bucket, keys.LIVE) == names[2:]
    assert listed(bucket, RUNNING) == listed(bucket, SUSPECTS) == []
    assert leases.outstanding() == 1


def test_a_suspect_that_was_handed_back_stays_one(worker, bucket, monkeypatch):
    name = drop(bucket, "a.json", STORY)
    Evidence(bucket).blame(name, Failure("run-1", Reason.WORKER_LOST, "died", "2026-11-25T00:00:00Z"))
    monkeypatch.setattr(worker, "_stopping", lambda: True)
    work(worker, name, alone=True)
    assert listed(bucket, keys.LIVE) == [name]
    assert len(listed(bucket, SUSPECTS)) == 1


def test_the_bucket_is_asked_for_furniture_once_a_minute_and_only_where_that_is_wanted(
    bucket, index, leases, breaker, monkeypatch
):
    asked = []
    plain = FolderBucket.list

    def watched(self, prefix, after=None):
        asked.extend([prefix] if prefix == FURNITURE else [])
        return plain(self, prefix, after)

    monkeypatch.setattr(FolderBucket, "list", watched)
    for setting, times in (("off", 0), ("on", 1)):
        worker = Worker(
            Settings.from_env({"COPYDESK_FURNITURE": setting}),
            bucket=bucket,
            index=index,
            leases=leases,
            breaker=breaker,
            tools=Tools(),
        )
        for number in range(3):
            work(worker, drop(bucket, f"{number}.json", STORY | {"uri": f"urn:example:{number}"}))
        assert len(asked) == times
