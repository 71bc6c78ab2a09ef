"""A rebuild of the embedded index: filled in a file beside it, and taken over in one transaction.

The file itself stays, since other processes hold it open; only its tables are exchanged.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Final

from pydantic_core import from_json

from services.errors import CopydeskError, Misconfigured
from services.index import Outcome, fts
from services.index.document import Document
from services.index.sqlite import SQLiteIndex, translation

_PAGE: Final = 200
_TABLES: Final = {
    "documents": "row, id, version, key, status, embargo, published, language, source",
    "facets": "kind, value, row",
    "words": f"rowid, {fts.COLUMNS}",
}


def beside(path: Path) -> Path:
    """Where the new index is filled."""
    return path.with_name(path.name + ".next")


class SQLiteRebuild:
    """See ``Rebuild``."""

    keeps_old = False

    def __init__(self, path: Path, *, busy_seconds: float) -> None:
        self.old, self.new = str(path), str(beside(path))
        self._path = path
        if beside(path).exists():
            raise Misconfigured(
                f"{self.new}: another reindex is at work, or was cut short; if there is none, "
                "`copydesk reindex --discard` removes what it has left"
            )
        with self._translated():
            # By URI: what is not there must not be created.
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=busy_seconds, isolation_level=None
            )
        self._next = SQLiteIndex(beside(path))
        self._next.prepare()
        self._copied: dict[str, bytes] = {}  # id: what the document was when it was told

    def changes(self) -> Iterator[Document]:
        """See ``Rebuild.changes``. The embedded index is small enough to look at all of it each time."""
        seen = set()
        row = 0
        while page := self._page(row):
            row = page[-1][0]
            for _, document_id, version, source in page:
                seen.add(document_id)
                digest = blake2b(f"{version} {source}".encode(), digest_size=16).digest()
                if self._copied.get(document_id) != digest:
                    self._copied[document_id] = digest
                    yield Document(document_id, version, from_json(source))
        for document_id in self._copied.keys() - seen:
            self._next.delete(document_id)
            del self._copied[document_id]

    def _page(self, row: int) -> list[tuple[int, str, int, str]]:
        statement = "SELECT row, id, version, source FROM documents WHERE row > ? ORDER BY row LIMIT ?"
        with self._translated():
            return self._connection.execute(statement, (row, _PAGE)).fetchall()

    def put_many(self, documents: Sequence[Document]) -> list[Outcome]:
        """See ``Rebuild.put_many``."""
        return self._next.put_many(documents)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """See ``Rebuild.paused``: SQLite has one writer at a time, and now it is this one."""
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            else:
                self.discard()  # it has taken over

    def take_over(self) -> None:
        """See ``Rebuild.take_over``: readers see the old tables until the new ones are whole."""
        with self._translated(), closing(sqlite3.connect(beside(self._path))) as source:
            for table in _TABLES:
                self._connection.execute(f"DROP TABLE {table}")
            for statement in fts.TABLES.split(";"):
                self._connection.execute(statement)
            for table, columns in _TABLES.items():
                marks = ", ".join("?" * len(columns.split(",")))
                rows = source.execute(f"SELECT {columns} FROM {table}")  # noqa: S608  # names are ours
                self._connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608
            self._connection.execute("COMMIT")

    def discard(self) -> None:
        """See ``Rebuild.discard``."""
        self._connection.close()
        with suppress(CopydeskError):
            self._next.close()
        remove(self._path)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise translation(self._path, error) from error


def remove(path: Path) -> bool:
    """Remove what stands beside an index; whether there was anything."""
    found = beside(path).exists()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(beside(path).name + suffix).unlink(missing_ok=True)
    return found
