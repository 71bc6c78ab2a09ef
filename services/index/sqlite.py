"""The index as one SQLite file with FTS5: no service, several processes, the same contract."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic_core import from_json

from services.bucket.keys import printable
from services.errors import CopydeskError, Misconfigured, ServiceUnavailable
from services.index import MAX_DOCUMENT_BYTES, MOST_OF_KEY, IndexUnavailable, Outcome, Result, fts
from services.index.document import Document
from services.index.mapping import SCHEMA
from services.index.query import Fragment, Hit, Query, Results, best_fragments, fragment, hit
from services.index.strict import objection

if TYPE_CHECKING:
    from services.index.sqlite_rebuild import SQLiteRebuild

_PAGE: Final = 1000
_SCAN: Final = (
    "SELECT row, id, version, json_extract(source, '$.provenance') FROM documents"
    " WHERE row > ? ORDER BY row LIMIT ?"
)
_WAIT: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_ANEW: Final = "move it away and fill a new one from processed/, see docs/operating.md"
_BROKEN: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class SQLiteIndex:
    """An ``Index`` in one file. Each thread of each process has a connection of its own."""

    def __init__(self, path: Path, *, busy_seconds: float = 30) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._local = threading.local()

    def prepare(self) -> None:
        """See ``Index.prepare``."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"{self._path}: {error.strerror}; point COPYDESK_SQLITE at a folder that can be written"
            raise Misconfigured(msg) from error
        with self._connection() as connection:
            (found,) = connection.execute("PRAGMA user_version").fetchone()
            if found not in (0, SCHEMA):
                msg = f"{self._path} was written by another version of Copydesk; run `copydesk reindex`"
                raise Misconfigured(msg)
            if found == 0:
                connection.executescript(f"BEGIN IMMEDIATE; {fts.TABLES} COMMIT;")

    def put_many(self, documents: Sequence[Document]) -> list[Outcome]:
        """See ``Index.put_many``: one transaction, so it is all of the batch or none."""
        if not documents:
            return []
        try:
            with self._connection() as connection, _transaction(connection):
                return [_put(connection, document) for document in documents]
        except ServiceUnavailable as error:
            raise IndexUnavailable(str(error), [None] * len(documents)) from error

    def get(self, document_id: str) -> Document | None:
        """See ``Index.get``."""
        found = self._documents("id = ?", document_id)
        return found[0] if found else None

    def by_key(self, key: str) -> list[Document]:
        """See ``Index.by_key``."""
        return self._documents(f"key = ? ORDER BY row LIMIT {MOST_OF_KEY}", printable(key))

    def scan(self) -> Iterator[Document]:
        """See ``Index.scan``: page by page, so that no reader stands in a writer's way for long."""
        row = 0
        while True:
            with self._connection() as connection:
                page = connection.execute(_SCAN, (row, _PAGE)).fetchall()
            yield from (Document(each[1], each[2], {"provenance": from_json(each[3])}) for each in page)
            if len(page) < _PAGE:
                return
            row = page[-1][0]

    def search(self, query: Query) -> Results:
        """See ``Index.search``."""
        if query.asks_nothing:
            return Results(total=0)
        search = fts.compiled(query)
        with self._connection() as connection, _transaction(connection, "DEFERRED"):
            (total,) = connection.execute(search.total, search.values).fetchone()
            rows = connection.execute(search.page, search.values).fetchall()
            return Results(total=total, hits=tuple(_hit(connection, search, row) for row in rows))

    def count(self) -> int:
        """See ``Index.count``."""
        with self._connection() as connection:
            return int(connection.execute("SELECT count(*) FROM documents").fetchone()[0])

    def delete(self, document_id: str) -> bool:
        """See ``Index.delete``."""
        with self._connection() as connection, _transaction(connection):
            found = connection.execute("SELECT row FROM documents WHERE id = ?", (document_id,)).fetchone()
            if found is not None:
                _forget(connection, found[0])
                connection.execute("DELETE FROM documents WHERE row = ?", found)
        return found is not None

    def refresh(self) -> None:
        """Nothing to do: a commit is seen at once."""

    def rebuild(self) -> "SQLiteRebuild":
        """See ``Index.rebuild``."""
        from services.index.sqlite_rebuild import SQLiteRebuild

        return SQLiteRebuild(self._path, busy_seconds=self._busy_seconds)

    def discard_rebuild(self) -> list[str]:
        """See ``Index.discard_rebuild``."""
        from services.index.sqlite_rebuild import beside, remove

        return [str(beside(self._path))] if remove(self._path) else []

    def close(self) -> None:
        """See ``Index.close``: this thread's connection; the next use opens another."""
        if (connection := self._opened()) is not None:
            connection.close()
            self._local.connection = None

    def _documents(self, condition: str, value: str) -> list[Document]:
        statement = f"SELECT id, version, source FROM documents WHERE {condition}"  # noqa: S608  # ours
        with self._connection() as connection:
            rows = connection.execute(statement, (value,)).fetchall()
        return [Document(row[0], row[1], from_json(row[2])) for row in rows]

    def _opened(self) -> sqlite3.Connection | None:
        # A connection must not cross a fork; the child forgets the parent's without closing it.
        if getattr(self._local, "pid", None) != os.getpid():
            return None
        connection: sqlite3.Connection | None = self._local.connection
        return connection

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._opened() or self._connect()
        except sqlite3.Error as error:
            raise translation(self._path, error) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=self._busy_seconds, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # Once acknowledged, a file leaves `incoming/`: the commit must then survive a power cut.
            connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error:
            connection.close()
            raise
        self._local.connection, self._local.pid = connection, os.getpid()
        return connection


def translation(path: Path, error: sqlite3.Error) -> CopydeskError:
    """What an error of SQLite's means."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without the extended code's details
    if code in _WAIT:
        return ServiceUnavailable(f"{path}: {error}")
    if code in _BROKEN:
        return Misconfigured(f"{path}: {error}; {_ANEW}")
    if "no such table" in str(error):
        return Misconfigured(f"{path} is not an index yet; `copydesk run` makes it one")
    return Misconfigured(f"{path}: {error}; point COPYDESK_SQLITE at a file that can be written")


@contextmanager
def _transaction(connection: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    # IMMEDIATE: a writer waits its turn before it reads, so versions are compared with the newest.
    # DEFERRED: a reader waits for nobody and sees one moment from beginning to end.
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _put(connection: sqlite3.Connection, document: Document) -> Outcome:
    reason = objection(document.source)
    if len(document.encoded) > MAX_DOCUMENT_BYTES:
        reason = f"the document has {len(document.encoded):,} bytes; at most {MAX_DOCUMENT_BYTES:,} are taken"
    if reason is not None:
        return Outcome(document.id, Result.REFUSED, reason)
    stored = connection.execute("SELECT row, version FROM documents WHERE id = ?", (document.id,)).fetchone()
    if stored is not None:
        if stored[1] > document.version:
            return Outcome(document.id, Result.SUPERSEDED)
        _forget(connection, stored[0])
    values = fts.document_values(document.source) | {
        "id": document.id,
        "version": document.version,
        "source": document.encoded.decode(),
    }
    (row,) = connection.execute(fts.PUT, values).fetchone()
    connection.execute(fts.PUT_WORDS, (row, *fts.words(document.source)))
    facets = fts.facets(document.source)
    connection.executemany(fts.PUT_FACET, [(kind, value, row) for kind, value in facets])
    return Outcome(document.id, Result.INDEXED)


def _forget(connection: sqlite3.Connection, row: int) -> None:
    connection.execute("DELETE FROM words WHERE rowid = ?", (row,))
    connection.execute("DELETE FROM facets WHERE row = ?", (row,))


def _hit(connection: sqlite3.Connection, search: fts.Search, found: tuple[int, str, float]) -> Hit:
    row, document_id, score = found
    (encoded,) = connection.execute("SELECT source FROM documents WHERE row = ?", (row,)).fetchone()
    source = from_json(encoded)
    whole = Fragment(text=source.get("body") or "")
    if "match" in search.values:
        (marked,) = connection.execute(fts.HIGHLIGHT, {**search.values, "row": row}).fetchone()
        whole = fragment(fts.unspaced(marked))
    return hit(document_id, score, source, best_fragments(whole))
