"""Writing many documents to Elasticsearch: bounded requests, each item judged by itself."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from elasticsearch import ApiError, Elasticsearch

from services.errors import ServiceUnavailable
from services.index import IndexUnavailable, Outcome, bulk
from services.index.client import misconfigured, translated
from services.index.document import Document

# Items fail like this when the cluster is not as it should be; quarantine would not make it so.
_NO_FAULT_OF_A_DOCUMENT: Final = {
    "security_exception",
    "index_not_found_exception",
    "index_closed_exception",
}


class Writer:
    """Writes to an alias, or to the very index that will be behind it."""

    def __init__(self, client: Elasticsearch, target: str, *, is_alias: bool) -> None:
        self._client = client
        self._target = target
        self._is_alias = is_alias

    def put_many(self, documents: Sequence[Document]) -> list[Outcome]:
        """See ``Index.put_many``."""
        outcomes = [bulk.oversized(document) for document in documents]
        sendable = [position for position, outcome in enumerate(outcomes) if outcome is None]
        trouble = ""
        for chunk in bulk.chunks(documents, sendable):
            try:
                items = self._send([documents[position] for position in chunk])
            except ServiceUnavailable as error:
                trouble = str(error)
                break  # the rest would wait for the same silence
            for position, item in zip(chunk, items, strict=True):
                outcomes[position] = bulk.outcome(documents[position], item)
                if outcomes[position] is None:
                    trouble = trouble or bulk.explained(item.get("error"))
        if None in outcomes:
            msg = f"{outcomes.count(None)} of {len(documents)} documents must be sent again: {trouble}"
            raise IndexUnavailable(msg, outcomes)
        return [outcome for outcome in outcomes if outcome is not None]

    def _send(self, documents: Sequence[Document]) -> list[Mapping[str, Any]]:
        """One bulk request, or two of half the size when the server takes none so large; its items."""
        with translated(self._target):
            try:
                answer = self._client.bulk(
                    index=self._target,
                    operations=bulk.lines(documents),
                    # Without the alias Elasticsearch would create an index of that name, guessing types.
                    require_alias=self._is_alias,
                    filter_path="items.index.status,items.index.error",
                )
            except ApiError as error:
                if error.status_code != 413:
                    raise
                if len(documents) == 1:
                    size = f"Elasticsearch takes no request of {len(documents[0].encoded):,} bytes"
                    return [{"status": 413, "error": {"type": "request_too_large", "reason": size}}]
                half = len(documents) // 2
                return self._send(documents[:half]) + self._send(documents[half:])
        items = [item["index"] for item in answer["items"]]
        for item in items:
            fault = item.get("error", {})
            if fault.get("type") in _NO_FAULT_OF_A_DOCUMENT or "no write index" in fault.get("reason", ""):
                raise misconfigured(self._target, fault["type"], bulk.explained(fault))
        return items
