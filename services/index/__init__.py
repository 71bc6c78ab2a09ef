"""The index: where articles are kept to be found.

Two implementations keep one contract, tested by one suite: Elasticsearch, and a single SQLite file
where there is none. A document replaces another of its id only when its version is not lower, so any
order and any number of repetitions of the same writes end in the same state.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from services.errors import ServiceUnavailable
from services.index.document import Document
from services.index.query import Query, Results

if TYPE_CHECKING:
    from services.index.rebuild import Rebuild
    from services.settings import Settings

#: A larger document is refused unsent: Elasticsearch would take up to 100 MB, and its heap with it.
MAX_DOCUMENT_BYTES: Final = 50_000_000


class Result(StrEnum):
    """What the index did with a document."""

    INDEXED = "indexed"
    SUPERSEDED = "superseded"  # it holds a newer version: a success that changes nothing
    REFUSED = "refused"  # it will never take this one; the outcome says why


@dataclass(frozen=True)
class Outcome:
    """What became of one document."""

    id: str
    result: Result
    reason: str | None = None  # the index's words, when it refused


class IndexUnavailable(ServiceUnavailable):
    """Some documents must be sent again. ``outcomes`` stands as the batch did, ``None`` for those."""

    def __init__(self, message: str, outcomes: Iterable[Outcome | None] = ()) -> None:
        super().__init__(message)
        self.outcomes: tuple[Outcome | None, ...] = tuple(outcomes)


#: How many documents of one file are told at once.
MOST_OF_KEY = 10_000


class Index(Protocol):
    """What Copydesk needs of an index.

    Every method raises ``ServiceUnavailable`` when it does not answer, ``Misconfigured`` when a
    person must act first.
    """

    def prepare(self) -> None:
        """Create what is missing. Any number of processes may call it, at once and again."""

    def put_many(self, documents: Sequence[Document]) -> list[Outcome]:
        """Write documents, each independent of its neighbours; outcomes in the same order.

        When it returns, what it calls indexed survives a crash of the index.

        Raises:
            IndexUnavailable: with the outcomes there are, after all that could be written was.
        """

    def get(self, document_id: str) -> Document | None:
        """The document as it is now, hidden or not."""

    def by_key(self, key: str) -> list[Document]:
        """The documents made from a dropped file, hidden or not, as of the last refresh.

        Of a very large file the first ``MOST_OF_KEY``.
        """

    def scan(self) -> Iterator[Document]:
        """Every document, hidden or not, as of the last refresh; of its source only ``provenance``."""

    def search(self, query: Query) -> Results:
        """What readers may see now: usable, and past its embargo."""

    def count(self) -> int:
        """How many documents there are, hidden ones and tombstones too, as of the last refresh."""

    def delete(self, document_id: str) -> bool:
        """Remove a document; whether there was one."""

    def refresh(self) -> None:
        """Let searches see what was written up to now."""

    def rebuild(self) -> "Rebuild":
        """Begin a new version of the index beside this one, which need not be prepared.

        Raises:
            Misconfigured: there is none, or an earlier rebuild was cut short, or is going on.
        """

    def discard_rebuild(self) -> list[str]:
        """Remove what a rebuild that was cut short has left, and let writers go on; what was removed."""

    def close(self) -> None:
        """Let go of connections."""


def open_index(settings: "Settings") -> Index:
    """Elasticsearch when ``COPYDESK_ELASTICSEARCH_URL`` is set, else the SQLite file.

    Open it in the process that uses it: connections do not survive a fork.
    """
    if settings.elasticsearch_url is not None:
        from services.index.elasticsearch import connect

        return connect(
            settings.elasticsearch_url,
            alias=settings.index,
            api_key=settings.elasticsearch_api_key,
            ca=settings.elasticsearch_ca,
            refresh_seconds=settings.refresh_seconds,
            # Well within the limit on a message: trouble of the index's must not cost an attempt.
            timeout_seconds=min(30, settings.task_seconds / 4),
        )
    from services.index.sqlite import SQLiteIndex

    return SQLiteIndex(settings.sqlite_path)
