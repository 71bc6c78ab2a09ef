"""Bulk requests: how documents are cut into them, and what each item of a response means."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic_core import to_json

from services.index import MAX_DOCUMENT_BYTES, Outcome, Result
from services.index.document import Document

#: One request holds at most this much: larger ones are not faster, and a refusal costs more.
CHUNK_DOCUMENTS: Final = 500
CHUNK_BYTES: Final = 5_000_000

_MAX_REASON: Final = 1000


def chunks(documents: Sequence[Document], positions: Sequence[int]) -> Iterator[list[int]]:
    """Cut positions of ``documents`` into requests, in order, so that of one id the last comes last."""
    chunk: list[int] = []
    size = 0
    for position in positions:
        length = len(documents[position].encoded)
        if chunk and (len(chunk) == CHUNK_DOCUMENTS or size + length > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(position)
        size += length
    if chunk:
        yield chunk


def lines(documents: Sequence[Document]) -> list[Any]:
    """The request's lines, encoded already: the client passes bytes on as they are."""
    written: list[bytes] = []
    for document in documents:
        action = {"_id": document.id, "version": document.version, "version_type": "external_gte"}
        written += (to_json({"index": action}), document.encoded)
    return written


def oversized(document: Document) -> Outcome | None:
    """A refusal when no server should be asked to take the document."""
    size = len(document.encoded)
    if size <= MAX_DOCUMENT_BYTES:
        return None
    return refused(document, f"the document has {size:,} bytes; at most {MAX_DOCUMENT_BYTES:,} are taken")


def outcome(document: Document, item: Mapping[str, Any]) -> Outcome | None:
    """What an item says became of its document; ``None`` when it must be sent again.

    A 409 is an older copy that arrives late: a success that changes nothing. A 403 is a cluster block
    (a full disk, a maintenance window), since missing permissions were sorted out before. Other 4xx
    are Elasticsearch's last word about this document.
    """
    status = int(item["status"])
    if status < 300:
        return Outcome(document.id, Result.INDEXED)
    if status == 409:
        return Outcome(document.id, Result.SUPERSEDED)
    if status in (403, 429) or status >= 500:
        return None
    return refused(document, explained(item.get("error")))


def refused(document: Document, reason: str) -> Outcome:
    """An outcome with a reason of a bearable length."""
    return Outcome(document.id, Result.REFUSED, reason[:_MAX_REASON])


def explained(error: object) -> str:
    """Elasticsearch's error with its causes, outermost first."""
    said: list[str] = []
    while isinstance(error, Mapping):
        words = f"{error.get('type')}: {error.get('reason')}"
        if words not in said:
            said.append(words)
        error = error.get("caused_by")
    return "; ".join(said) or str(error)
