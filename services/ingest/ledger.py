"""The ledger: what stands in the bucket and what in the index, side by side in a file on disk.

A million of each are compared in the memory of a few pages.
"""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from services.bucket import Entry, keys
from services.index.document import Document
from services.ingest import archive

WAITING, PROCESSED, IGNORED, QUARANTINED = "waiting", "processed", "ignored", "quarantined"

_PAGE = 1000
_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32000;
CREATE TABLE files (
    place INTEGER PRIMARY KEY, state TEXT, key BLOB, name TEXT, size INTEGER, modified REAL, sha256 TEXT
);
CREATE TABLE documents (
    place INTEGER PRIMARY KEY, id TEXT, version INTEGER, name TEXT, sha256 TEXT, indexed TEXT
);
"""
# Made when the tables are full: filling a sorted index with a million random ids takes far longer.
_SORTED = """
CREATE INDEX IF NOT EXISTS files_name ON files (name, modified);
CREATE INDEX IF NOT EXISTS documents_id ON documents (id);
CREATE INDEX IF NOT EXISTS documents_name ON documents (name);
CREATE INDEX IF NOT EXISTS documents_sha256 ON documents (sha256);
"""
# A name that only one processed file has, and a document too, is settled by that; others must be read.
_TO_READ = """
SELECT place, key, name, size, modified FROM files f
WHERE place > ? AND state = 'processed' AND (
    ?
    OR NOT EXISTS (SELECT 1 FROM documents d WHERE d.name = f.name)
    OR EXISTS (SELECT 1 FROM files g WHERE g.name = f.name AND g.place <> f.place AND g.state = 'processed')
) ORDER BY place LIMIT ?
"""
_WITHOUT_FILE = """
SELECT place, id, version, name, sha256, indexed FROM documents d
WHERE place > ?
    AND NOT EXISTS (SELECT 1 FROM files f WHERE f.name = d.name)
    AND NOT EXISTS (SELECT 1 FROM files f WHERE f.sha256 = d.sha256)
ORDER BY place LIMIT ?
"""


class File(NamedTuple):
    """A processed file; ``name`` is in print, as documents name it."""

    place: int
    key: str
    name: str
    size: int
    modified: float


class Held(NamedTuple):
    """A document as the index held it when it was scanned."""

    id: str
    version: int
    name: str
    sha256: str
    indexed: str


class Ledger:
    """Lives as long as its context; the file goes with it."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="copydesk-ledger-")
        self._connection = sqlite3.connect(Path(self._folder.name, "ledger.sqlite"), isolation_level=None)
        self._connection.executescript(_TABLES)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._folder.cleanup()

    def add_files(self, files: Iterable[tuple[str, Entry]]) -> None:
        """Enter files, each with its state."""
        rows = (
            (
                state,
                keys.encode(entry.key),
                keys.printable(keys.relative(entry.key) if state == WAITING else archive.name_of(entry.key)),
                entry.size,
                entry.modified.timestamp(),
            )
            for state, entry in files
        )
        statement = "INSERT INTO files (state, key, name, size, modified) VALUES (?, ?, ?, ?, ?)"
        self._enter(statement, rows)

    def add_documents(self, documents: Iterable[Document]) -> None:
        """Enter documents, of which ``provenance`` is enough."""
        rows = (
            (
                document.id,
                document.version,
                archive.filed_name(document.source["provenance"]["key"]),
                document.source["provenance"]["sha256"],
                document.source["provenance"]["indexed"],
            )
            for document in documents
        )
        statement = "INSERT INTO documents (id, version, name, sha256, indexed) VALUES (?, ?, ?, ?, ?)"
        self._enter(statement, rows)
        self._connection.executescript(_SORTED)

    def counts(self) -> dict[str, int]:
        """Files by their state, and documents."""
        counts = dict.fromkeys((WAITING, PROCESSED, IGNORED, QUARANTINED), 0)
        counts |= dict(self._connection.execute("SELECT state, count(*) FROM files GROUP BY state"))
        (counts["documents"],) = self._connection.execute("SELECT count(*) FROM documents").fetchone()
        return counts

    def files_to_read(self, *, every: bool) -> Iterator[File]:
        """Processed files that names alone do not settle, or ``every`` one."""
        for row in self._paged(_TO_READ, every):
            yield File(row[0], keys.decode(row[1]), *row[2:])

    def note_hash(self, file: File, sha256: str) -> None:
        """Remember what a file's bytes are."""
        self._connection.execute("UPDATE files SET sha256 = ? WHERE place = ?", (sha256, file.place))

    def holds_bytes(self, sha256: str) -> bool:
        """Whether a document was made of these very bytes."""
        return self._any("SELECT 1 FROM documents WHERE sha256 = ?", sha256)

    def held(self, document_id: str) -> Held | None:
        """The document of that id."""
        statement = "SELECT id, version, name, sha256, indexed FROM documents WHERE id = ?"
        row = self._connection.execute(statement, (document_id,)).fetchone()
        return None if row is None else Held(*row)

    def has_later_copy(self, file: File) -> bool:
        """Whether another processed file of the same name is as new or newer."""
        statement = (
            "SELECT 1 FROM files WHERE name = ? AND modified >= ? AND place <> ? AND state = 'processed'"
        )
        return self._any(statement, file.name, file.modified, file.place)

    def documents_without_file(self) -> Iterator[Held]:
        """Documents that no file in the bucket accounts for, by name or by bytes."""
        self._connection.execute("CREATE INDEX IF NOT EXISTS files_sha256 ON files (sha256)")
        for row in self._paged(_WITHOUT_FILE):
            yield Held(*row[1:])

    def _enter(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        self._connection.execute("BEGIN")
        self._connection.executemany(statement, rows)
        self._connection.execute("COMMIT")

    def _paged(self, statement: str, *values: object) -> Iterator[tuple[Any, ...]]:
        place = 0
        while page := self._connection.execute(statement, (place, *values, _PAGE)).fetchall():
            yield from page
            place = page[-1][0]

    def _any(self, statement: str, *values: object) -> bool:
        return self._connection.execute(statement + " LIMIT 1", values).fetchone() is not None
