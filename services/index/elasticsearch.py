"""The index in Elasticsearch 8.14 or later, 9.x too."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

from elastic_transport import TlsError
from elasticsearch import (
    ApiError,
    BadRequestError,
    Elasticsearch,
    NotFoundError,
    TransportError,
    UnsupportedProductError,
    helpers,
)

from services.bucket.keys import printable
from services.errors import CopydeskError, Misconfigured, ServiceUnavailable
from services.index import IndexUnavailable, Outcome, bulk
from services.index.document import ANALYSIS, MAPPING, SCHEMA, Document
from services.index.dsl import VISIBLE, search_body
from services.index.query import Hit, Query, Results, fragment, hit, trimmed

_CREDENTIALS: Final = (
    "set COPYDESK_ELASTICSEARCH_API_KEY, or user and password in COPYDESK_ELASTICSEARCH_URL; "
    "docs/querying.md lists the privileges it needs"
)
# Items fail like this when the cluster is not as it should be; quarantine would not make it so.
_NO_FAULT_OF_A_DOCUMENT: Final = {
    "security_exception",
    "index_not_found_exception",
    "index_closed_exception",
}
_PAGE: Final = 500


class ElasticsearchIndex:
    """An ``Index`` behind two aliases: ``<alias>`` as readers see it, ``<alias>-all`` with what is hidden."""

    def __init__(self, client: Elasticsearch, *, alias: str, refresh_seconds: float = 1) -> None:
        self._client = client
        self._alias = alias
        self._all = f"{alias}-all"
        self._refresh_seconds = refresh_seconds

    def prepare(self) -> None:
        """See ``Index.prepare``. Once the index exists, privileges to write to it are enough."""
        with self._translated():
            # GET where HEAD would do: only its answer says why it is not allowed.
            found = self._client.options(ignore_status=404).indices.get_alias(name=self._all)
            if found.meta.status == 404:
                self._create()
            try:
                # Adds the fields of a newer release; changes nothing when there are none.
                self._client.indices.put_mapping(index=self._all, **MAPPING)
            except BadRequestError as error:
                msg = (
                    f"the index behind {self._all} was made for other fields ({_said(error)}); "
                    "choose another COPYDESK_INDEX and fill it from processed/, see docs/operating.md"
                )
                raise Misconfigured(msg) from error

    def put_many(self, documents: Sequence[Document]) -> list[Outcome]:
        """See ``Index.put_many``: in requests of bounded size, each item judged by itself."""
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

    def get(self, document_id: str) -> Document | None:
        """See ``Index.get``."""
        with self._translated():
            try:
                return _document(self._client.get(index=self._all, id=document_id).body)
            except NotFoundError as error:
                if _is_missing_index(error):
                    raise
                return None

    def by_key(self, key: str) -> list[Document]:
        """See ``Index.by_key``."""
        query = {"term": {"provenance.key": printable(key)}}
        with self._translated():
            found = self._client.search(
                index=self._all, query=query, size=_PAGE, version=True, allow_partial_search_results=False
            )["hits"]
            hits = found["hits"]
            if found["total"]["value"] > _PAGE:
                hits = helpers.scan(self._client, {"query": query}, index=self._all, version=True)
            return [_document(each) for each in hits]

    def search(self, query: Query) -> Results:
        """See ``Index.search``."""
        if query.asks_nothing:
            return Results(total=0)
        with self._translated():
            found = self._client.search(
                index=self._alias, allow_partial_search_results=False, **search_body(query)
            )["hits"]
        return Results(total=found["total"]["value"], hits=tuple(_hit(each) for each in found["hits"]))

    def count(self) -> int:
        """See ``Index.count``."""
        with self._translated():
            return int(self._client.count(index=self._all)["count"])

    def delete(self, document_id: str) -> bool:
        """See ``Index.delete``. For a minute the index remembers the version and refuses older ones."""
        with self._translated():
            try:
                self._client.delete(index=self._all, id=document_id)
            except NotFoundError as error:
                if _is_missing_index(error):
                    raise
                return False
            return True

    def refresh(self) -> None:
        """See ``Index.refresh``."""
        with self._translated():
            self._client.indices.refresh(index=self._all)

    def close(self) -> None:
        """See ``Index.close``."""
        self._client.close()

    def _create(self) -> None:
        """Template and first index. Several processes may be here: whoever comes second finds it done."""
        self._client.indices.put_index_template(
            name=self._alias,
            index_patterns=[f"{self._alias}-v{SCHEMA}-*"],
            priority=500,
            template={
                "settings": {
                    "analysis": ANALYSIS,
                    # One node alone is green, two or more keep a copy.
                    "auto_expand_replicas": "0-1",
                    "refresh_interval": f"{self._refresh_seconds * 1000:.0f}ms",
                },
                "mappings": MAPPING,
            },
        )
        index = f"{self._alias}-v{SCHEMA}-000001"
        aliases: dict[str, dict[str, Any]] = {
            self._alias: {"filter": VISIBLE},
            self._all: {"is_write_index": True},
        }
        try:
            self._client.indices.create(index=index, aliases=aliases)
        except BadRequestError as error:
            if error.error == "invalid_alias_name_exception":
                msg = f"{_said(error)}; choose another COPYDESK_INDEX, or remove that index"
                raise Misconfigured(msg) from error
            if error.error != "resource_already_exists_exception":
                raise
            # Made by another process, with its aliases; or long ago, and they were removed since.
            self._client.indices.update_aliases(
                actions=[{"add": {"index": index, "alias": name, **how}} for name, how in aliases.items()]
            )

    def _send(self, documents: Sequence[Document]) -> list[Mapping[str, Any]]:
        """One bulk request, or two of half the size when the server takes none so large; its items."""
        with self._translated():
            try:
                answer = self._client.bulk(
                    index=self._all,
                    operations=bulk.lines(documents),
                    # Without the alias Elasticsearch would create an index of that name, guessing types.
                    require_alias=True,
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
                raise self._misconfigured(fault["type"], bulk.explained(fault))
        return items

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """The client's exceptions into ours, once."""
        try:
            yield
        except UnsupportedProductError as error:
            msg = "COPYDESK_ELASTICSEARCH_URL does not lead to an Elasticsearch of version 8 or later"
            raise Misconfigured(msg) from error
        except ApiError as error:
            raise self._of_status(error) from error
        except TlsError as error:
            if re.search("certificate|wrong_version", error.message, re.IGNORECASE):
                msg = (
                    f"no safe connection to Elasticsearch ({error.message}); set COPYDESK_ELASTICSEARCH_CA "
                    "to its authority's certificate, and write https:// or http:// in "
                    "COPYDESK_ELASTICSEARCH_URL as the server speaks it"
                )
                raise Misconfigured(msg) from error
            raise ServiceUnavailable(f"Elasticsearch: {error.message}") from error
        except TransportError as error:
            # Connection refused, timeout, or an answer that broke off: it may or may not have been done.
            raise ServiceUnavailable(f"Elasticsearch does not answer: {error.message}") from error

    def _of_status(self, error: ApiError) -> CopydeskError:
        kind = error.error
        if error.status_code == 401 or (error.status_code == 403 and "block" not in kind):
            return self._misconfigured("security_exception", _said(error))
        if _is_missing_index(error):
            return self._misconfigured("index_not_found_exception", _said(error))
        if error.status_code in (403, 408, 429) or error.status_code >= 500:
            return ServiceUnavailable(f"Elasticsearch answers {error.status_code}: {_said(error)}")
        return Misconfigured(f"Elasticsearch answers {error.status_code}: {_said(error)}")

    def _misconfigured(self, kind: str, said: str) -> Misconfigured:
        if kind == "security_exception":
            return Misconfigured(f"Elasticsearch does not let Copydesk in ({said}); {_CREDENTIALS}")
        return Misconfigured(
            f"the alias {self._all} leads to no index that can be written ({said}); a restart creates "
            "what is missing, docs/operating.md says how to fill it from processed/"
        )


def connect(
    url: str,
    *,
    alias: str,
    api_key: str | None = None,
    ca: Path | None = None,
    refresh_seconds: float = 1,
    request_timeout: float = 30,
) -> ElasticsearchIndex:
    """The index behind ``url``, or several nodes' with commas between; nothing is sent yet."""
    parts = [_split(each.strip()) for each in url.split(",")]
    access: dict[str, Any] = {}
    user = next((part for part in parts if part.username), None)
    if api_key is not None and user is not None:
        msg = "COPYDESK_ELASTICSEARCH_API_KEY is set and COPYDESK_ELASTICSEARCH_URL names a user; keep one"
        raise Misconfigured(msg)
    if api_key is not None:
        access["api_key"] = api_key
    if user is not None:
        access["basic_auth"] = (unquote(user.username or ""), unquote(user.password or ""))
    if ca is not None:
        if not ca.is_file():
            raise Misconfigured(f"COPYDESK_ELASTICSEARCH_CA={ca}: there is no such file")
        if any(part.scheme == "https" for part in parts):
            access["ca_certs"] = str(ca)
    client = Elasticsearch(
        [
            {
                "scheme": part.scheme,
                "host": part.hostname or "",
                "port": part.port or 0,
                "path_prefix": part.path,
            }
            for part in parts
        ],
        request_timeout=request_timeout,
        # When to try again is decided above, where the files wait meanwhile.
        max_retries=0,
        retry_on_timeout=False,
        **access,
    )
    return ElasticsearchIndex(client, alias=alias, refresh_seconds=refresh_seconds)


def _split(url: str) -> SplitResult:
    try:
        part = urlsplit(url)
        port = part.port
    except ValueError:
        part, port = urlsplit(""), None
    if part.scheme not in ("http", "https") or not part.hostname or port is None:
        # The URL itself is not repeated: it may hold a password.
        msg = (
            "COPYDESK_ELASTICSEARCH_URL must name scheme, host and port, as in "
            "https://search.example.org:9200 (a hosted one often listens on :443)"
        )
        raise Misconfigured(msg)
    return part


def _said(error: ApiError) -> str:
    body = error.body
    if isinstance(body, Mapping) and isinstance(body.get("error"), Mapping):
        return bulk.explained(body["error"])
    return str(error.message)


def _is_missing_index(error: ApiError) -> bool:
    return error.status_code == 404 and error.error == "index_not_found_exception"


def _document(found: Mapping[str, Any]) -> Document:
    return Document(found["_id"], found["_version"], found["_source"])


def _hit(found: Mapping[str, Any]) -> Hit:
    pieces = [trimmed(fragment(piece)) for piece in found.get("highlight", {}).get("body", ())]
    return hit(found["_id"], found["_score"] or 0.0, found["_source"], pieces)
