"""The index in Elasticsearch 8.14 or later, 9.x too."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any, Final

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError, helpers

from services.bucket.keys import printable
from services.errors import CopydeskError, Misconfigured
from services.index import MOST_OF_KEY, Outcome
from services.index.client import client, is_missing_index, said, translated
from services.index.document import Document
from services.index.dsl import search_body
from services.index.elasticsearch_rebuild import (
    ElasticsearchRebuild,
    aliases_of,
    in_use,
    index_name,
    newer,
    unblock,
)
from services.index.mapping import ANALYSIS, MAPPING, SCHEMA
from services.index.query import Hit, Query, Results, fragment, hit, trimmed
from services.index.writer import Writer
from services.models import Provenance

_PAGE: Final = 500
_SCAN_PAGE: Final = 5000  # of a few short fields each
_KEEP: Final = "5m"


class ElasticsearchIndex:
    """An ``Index`` behind two aliases: ``<alias>`` as readers see it, ``<alias>-all`` with what is hidden."""

    def __init__(self, client: Elasticsearch, *, alias: str, refresh_seconds: float = 1) -> None:
        self._client = client
        self._alias = alias
        self._all = f"{alias}-all"
        self._refresh_interval = f"{refresh_seconds * 1000:.0f}ms"
        self._writer = Writer(client, self._all, is_alias=True)

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
                    f"the index behind {self._all} was made for other fields ({said(error)}); run "
                    "`copydesk reindex`, or choose another COPYDESK_INDEX: see docs/operating.md"
                )
                raise Misconfigured(msg) from error

    def put_many(self, documents: Sequence[Document]) -> list[Outcome]:
        """See ``Index.put_many``: in requests of bounded size, each item judged by itself."""
        return self._writer.put_many(documents)

    def get(self, document_id: str) -> Document | None:
        """See ``Index.get``."""
        with self._translated():
            try:
                return _document(self._client.get(index=self._all, id=document_id).body)
            except NotFoundError as error:
                if is_missing_index(error):
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
                found = helpers.scan(self._client, {"query": query}, index=self._all, version=True)
                hits = list(itertools.islice(found, MOST_OF_KEY))
            return [_document(each) for each in hits]

    def scan(self) -> Iterator[Document]:
        """See ``Index.scan``: one moment of the index, read from its columns page by page."""
        fields: list[Any] = [f"provenance.{field}" for field in Provenance.model_fields]
        after: list[Any] | None = None
        with self._translated():
            pit = self._client.open_point_in_time(index=self._all, keep_alive=_KEEP)["id"]
        try:
            while True:
                with self._translated():
                    answer = self._client.search(
                        pit={"id": pit, "keep_alive": _KEEP},
                        size=_SCAN_PAGE,
                        sort=["_shard_doc"],
                        search_after=after,
                        source=False,
                        docvalue_fields=fields,
                        version=True,
                        track_total_hits=False,
                        allow_partial_search_results=False,
                    )
                pit, hits = answer["pit_id"], answer["hits"]["hits"]
                yield from (_columns(each) for each in hits)
                if len(hits) < _SCAN_PAGE:
                    return
                after = hits[-1]["sort"]
        finally:
            with suppress(CopydeskError), self._translated():
                self._client.close_point_in_time(id=pit)

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
                if is_missing_index(error):
                    raise
                return False
            return True

    def refresh(self) -> None:
        """See ``Index.refresh``."""
        with self._translated():
            self._client.indices.refresh(index=self._all)

    def rebuild(self) -> ElasticsearchRebuild:
        """See ``Index.rebuild``."""
        with self._translated():
            self._put_template()
        return ElasticsearchRebuild(self._client, self._alias, refresh_interval=self._refresh_interval)

    def discard_rebuild(self) -> list[str]:
        """See ``Index.discard_rebuild``."""
        with self._translated():
            old = in_use(self._client, self._alias)
            unfinished = newer(self._client, self._alias, old)
            if unfinished:
                self._client.indices.delete(index=",".join(unfinished))
            unblock(self._client, old)
        return unfinished

    def close(self) -> None:
        """See ``Index.close``."""
        self._client.close()

    def _put_template(self) -> None:
        self._client.indices.put_index_template(
            name=self._alias,
            index_patterns=[f"{self._alias}-v{SCHEMA}-*"],
            priority=500,
            template={
                "settings": {
                    "analysis": ANALYSIS,
                    # One node alone is green, two or more keep a copy.
                    "auto_expand_replicas": "0-1",
                    "refresh_interval": self._refresh_interval,
                },
                "mappings": MAPPING,
            },
        )

    def _create(self) -> None:
        """Template and first index. Several processes may be here: whoever comes second finds it done."""
        self._put_template()
        index = index_name(self._alias, 1)
        aliases = aliases_of(self._alias)
        try:
            self._client.indices.create(index=index, aliases=aliases)
        except BadRequestError as error:
            if error.error == "invalid_alias_name_exception":
                msg = f"{said(error)}; choose another COPYDESK_INDEX, or remove that index"
                raise Misconfigured(msg) from error
            if error.error != "resource_already_exists_exception":
                raise
            # Made by another process, with its aliases; or long ago, and they were removed since. Then the
            # one that was used last has the highest number.
            index = max(self._client.indices.get(index=f"{self._alias}-v{SCHEMA}-*", features="aliases"))
            self._client.indices.update_aliases(
                actions=[{"add": {"index": index, "alias": name, **how}} for name, how in aliases.items()]
            )

    def _translated(self) -> AbstractContextManager[None]:
        return translated(self._all)


def connect(
    url: str,
    *,
    alias: str,
    api_key: str | None = None,
    ca: Path | None = None,
    refresh_seconds: float = 1,
    timeout_seconds: float = 30,
) -> ElasticsearchIndex:
    """The index behind ``url``; nothing is sent yet."""
    return ElasticsearchIndex(
        client(url, api_key, ca, timeout_seconds), alias=alias, refresh_seconds=refresh_seconds
    )


def _document(found: Mapping[str, Any]) -> Document:
    return Document(found["_id"], found["_version"], found["_source"])


def _columns(found: Mapping[str, Any]) -> Document:
    provenance = {name.removeprefix("provenance."): values[0] for name, values in found["fields"].items()}
    return Document(found["_id"], found["_version"], {"provenance": provenance})


def _hit(found: Mapping[str, Any]) -> Hit:
    pieces = [trimmed(fragment(piece)) for piece in found.get("highlight", {}).get("body", ())]
    return hit(found["_id"], found["_score"] or 0.0, found["_source"], pieces)
