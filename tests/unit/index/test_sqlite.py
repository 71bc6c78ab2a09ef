import multiprocessing
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.errors import Misconfigured, ServiceUnavailable
from services.index import IndexUnavailable, Result
from services.index.document import Document, to_document
from services.index.query import Query
from services.index.sqlite import SQLiteIndex
from services.models import Article, Block, BlockKind, Provenance

NOON = datetime(2024, 5, 4, 12, tzinfo=UTC)


def document(uid: str, text: str = "words", version: str = "1") -> Document:
    provenance = Provenance(key=uid, sha256="0", format="x", pipeline="p", received=NOON, indexed=NOON)
    block = Block(kind=BlockKind.PARAGRAPH, text=text)
    return to_document(Article(uid=uid, version=version, blocks=(block,)), provenance)


def write(path: Path, start: int) -> None:
    """What each of several processes does, from the empty file on."""
    index = SQLiteIndex(path)
    index.prepare()
    for n in range(start, start + 20):
        index.put_many([document(str(n)), document("shared", f"text of {n}", version=str(n))])
    index.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.sqlite"


def test_several_processes_write_one_file_and_the_newest_version_stays(path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=write, args=(path, start)) for start in (0, 20, 40)]
    [process.start() for process in processes]
    [process.join() for process in processes]
    assert [process.exitcode for process in processes] == [0, 0, 0]
    index = SQLiteIndex(path)
    assert index.count() == 61
    assert index.search(Query(words='"text of 59"')).total == 1
    index.close()


def test_several_threads_share_one_index(path):
    index = SQLiteIndex(path)
    index.prepare()

    def put(n: int) -> Result:
        result = index.put_many([document(str(n))])[0].result
        index.close()
        return result

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(put, range(40))) == {Result.INDEXED}
    assert index.count() == 40
    index.close()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_opens_a_connection_of_its_own(path):
    index = SQLiteIndex(path)
    index.prepare()
    child = os.fork()
    if not child:
        os._exit(0 if index.put_many([document("1")])[0].result is Result.INDEXED else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert index.count() == 1
    index.close()


def test_a_batch_is_written_whole_or_not_at_all(path):
    index = SQLiteIndex(path)
    index.prepare()
    broken = Document("x", 2**63, document("x").source)  # an integer that SQLite cannot hold
    with pytest.raises(OverflowError):
        index.put_many([document("1"), broken])
    assert index.count() == 0
    assert index.put_many([document("1")])[0].result is Result.INDEXED
    index.close()


def test_a_full_disk_is_unavailable_and_loses_nothing(path):
    index = SQLiteIndex(path)
    index.prepare()
    index.put_many([document("1")])
    index._opened().execute("PRAGMA max_page_count = 40")
    with pytest.raises(IndexUnavailable, match="full") as raised:
        index.put_many([document("2"), document("3", "many words " * 100_000)])
    assert raised.value.outcomes == (None, None)
    assert index.count() == 1
    index._opened().execute("PRAGMA max_page_count = 1000000")
    assert index.put_many([document("2")])[0].result is Result.INDEXED
    index.close()


def test_a_locked_file_is_unavailable_for_deletes_too(path):
    index = SQLiteIndex(path, busy_seconds=0.01)
    index.prepare()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ServiceUnavailable, match="locked"):
            index.delete("x")
    index.close()


def test_readers_do_not_wait_for_a_writer(path):
    index = SQLiteIndex(path, busy_seconds=0.01)
    index.prepare()
    index.put_many([document("1")])
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert index.search(Query(words="words")).total == index.count() == 1
    index.close()


def test_a_file_that_is_no_index_is_misconfigured(path):
    path.write_bytes(b"<html>" * 1000)
    with pytest.raises(Misconfigured, match="move it away"):
        SQLiteIndex(path).prepare()


def test_an_index_of_another_release_is_misconfigured(path):
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 99")
    index = SQLiteIndex(path)
    with pytest.raises(Misconfigured, match="another version"):
        index.prepare()
    index.close()


def test_a_place_where_nothing_can_be_written_is_misconfigured(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="COPYDESK_SQLITE"):
        SQLiteIndex(tmp_path / "file" / "index.sqlite").prepare()
    (tmp_path / "folder.sqlite").mkdir()
    with pytest.raises(Misconfigured, match="COPYDESK_SQLITE"):
        SQLiteIndex(tmp_path / "folder.sqlite").prepare()
