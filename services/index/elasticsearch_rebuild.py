"""A rebuild in Elasticsearch: two indices, and aliases that go from one to the other in one request."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Final

from elasticsearch import BadRequestError, Elasticsearch

from services.errors import CopydeskError, Misconfigured, ServiceUnavailable
from services.index import Outcome
from services.index.client import translated
from services.index.document import Document
from services.index.dsl import VISIBLE
from services.index.mapping import SCHEMA
from services.index.writer import Writer

_PAGE: Final = 200
_PATIENCE_SECONDS: Final = 60


def index_name(alias: str, number: int) -> str:
    """The concrete index's name; nobody but Copydesk needs it."""
    return f"{alias}-v{SCHEMA}-{number:06d}"


def aliases_of(alias: str) -> dict[str, dict[str, Any]]:
    """The aliases that lead to the one index in use, and how."""
    return {alias: {"filter": VISIBLE}, f"{alias}-all": {"is_write_index": True}}


class ElasticsearchRebuild:
    """See ``Rebuild``. The old index stays, blocked for writing, until somebody deletes it."""

    keeps_old = True

    def __init__(self, client: Elasticsearch, alias: str, *, refresh_interval: str) -> None:
        self._client = client
        self._alias = alias
        self._refresh_interval = refresh_interval
        self._is_paused = False
        with translated(f"{alias}-all"):
            self.old = in_use(client, alias)
            if unfinished := newer(client, alias, self.old):
                msg = (
                    f"{', '.join(unfinished)}: another reindex is at work, or was cut short; if there is "
                    "none, `copydesk reindex --discard` removes what it has left"
                )
                raise Misconfigured(msg)
            self.new = index_name(alias, _number(self.old) + 1)
            try:
                # Nobody reads it yet: it need not refresh while it is filled.
                client.indices.create(index=self.new, settings={"refresh_interval": "-1"})
            except BadRequestError as error:
                if error.error != "resource_already_exists_exception":
                    raise
                raise Misconfigured(f"{self.new}: another reindex has just begun") from error
        self._writer = Writer(client, self.new, is_alias=False)
        self._seen: dict[str, int] = {}  # shard: sequence number up to which its changes were told

    def changes(self) -> Iterator[Document]:
        """See ``Rebuild.changes``: every write has the next sequence number of its shard.

        Only numbers up to the checkpoint are told, below which none is still under way: a write may be
        seen before one with a lower number is.
        """
        with self._translated():
            checkpoints = self._checkpoints()
            self._client.indices.refresh(index=self.old)
        for shard, checkpoint in checkpoints.items():
            for found in self._of_shard(shard, self._seen.get(shard, -1), checkpoint):
                yield Document(found["_id"], found["_version"], found["_source"])
            self._seen[shard] = checkpoint

    def put_many(self, documents: Sequence[Document]) -> list[Outcome]:
        """See ``Rebuild.put_many``."""
        return self._writer.put_many(documents)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """See ``Rebuild.paused``: writes are answered 403, which is waited out; begun ones end before."""
        try:
            with self._translated():
                self._client.indices.add_block(index=self.old, block="write")
            self._is_paused = True
            yield
        except BaseException:
            with suppress(CopydeskError), self._translated():
                if in_use(self._client, self._alias) == self.old:
                    unblock(self._client, self.old)
            raise

    def take_over(self) -> None:
        """See ``Rebuild.take_over``."""
        with self._translated():
            interval = {"refresh_interval": self._refresh_interval}
            self._client.indices.put_settings(index=self.new, settings=interval)
            self._client.indices.refresh(index=f"{self.new},{self.old}")
            self._forget_deleted()
            self._client.cluster.health(index=self.new, wait_for_status="yellow", timeout="30s")
            adding: list[dict[str, Any]] = [
                {"add": {"index": self.new, "alias": name, **how}}
                for name, how in aliases_of(self._alias).items()
            ]
            removing: list[dict[str, Any]] = [
                {"remove": {"index": self.old, "alias": name}} for name in aliases_of(self._alias)
            ]
            self._client.indices.update_aliases(actions=adding + removing)

    def discard(self) -> None:
        """See ``Rebuild.discard``. Taking over may have been done although its answer was lost."""
        with self._translated():
            if in_use(self._client, self._alias) == self.new:
                return
            self._client.indices.delete(index=self.new, ignore_unavailable=True)

    def _checkpoints(self) -> dict[str, int]:
        """Of each shard the number up to which every copy of it has every write."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            shards = self._client.indices.stats(index=self.old, level="shards")["indices"][self.old]["shards"]
            numbers = {
                shard: copy["seq_no"]
                for shard, copies in shards.items()
                for copy in copies
                if copy["routing"]["primary"]
            }
            # While writers go on there is always a write under way; when they are paused there is none.
            if not self._is_paused or all(
                each["global_checkpoint"] == each["max_seq_no"] for each in numbers.values()
            ):
                return {shard: each["global_checkpoint"] for shard, each in numbers.items()}
            if time.monotonic() > deadline:
                raise ServiceUnavailable(f"{self.old}: its replicas lag behind; try again when it is green")
            time.sleep(0.1)

    def _of_shard(self, shard: str, after: int, until: int) -> Iterator[Mapping[str, Any]]:
        while after < until:
            with self._translated():
                hits = self._client.search(
                    index=self.old,
                    preference=f"_shards:{shard}",
                    query={"range": {"_seq_no": {"gt": after, "lte": until}}},
                    sort=[{"_seq_no": "asc"}],
                    size=_PAGE,
                    version=True,
                    track_total_hits=False,
                    allow_partial_search_results=False,
                )["hits"]["hits"]
            yield from hits
            if len(hits) < _PAGE:
                return
            after = hits[-1]["sort"][0]

    def _forget_deleted(self) -> None:
        """Delete what was deleted from the old index after it was copied."""
        if self._count(self.new) == self._count(self.old):
            return
        after: list[Any] | None = None
        while True:
            hits = self._client.search(
                index=self.new, size=_PAGE, sort=[{"_seq_no": "asc"}], search_after=after, source=False
            )["hits"]["hits"]
            if not hits:
                return
            ids = [each["_id"] for each in hits]
            found = self._client.mget(index=self.old, ids=ids, source=False)["docs"]
            for gone in (each["_id"] for each in found if not each.get("found")):
                self._client.delete(index=self.new, id=gone)
            after = hits[-1]["sort"]

    def _count(self, index: str) -> int:
        return int(self._client.count(index=index)["count"])

    def _translated(self) -> AbstractContextManager[None]:
        return translated(f"{self._alias}-all")


def in_use(client: Elasticsearch, alias: str) -> str:
    """The index that the aliases lead to."""
    answer: dict[str, Any] = client.options(ignore_status=404).indices.get_alias(name=f"{alias}-all").body
    found = sorted(answer)
    if not found or "error" in found:
        raise Misconfigured(f"the alias {alias}-all leads to no index; a worker's start makes the first one")
    if len(found) > 1:
        raise Misconfigured(
            f"the alias {alias}-all leads to {', '.join(found)}; remove it from all but the one in use"
        )
    return found[0]


def newer(client: Elasticsearch, alias: str, old: str) -> list[str]:
    """Indices that a rebuild has made and that no alias leads to yet."""
    found = client.indices.get(index=f"{alias}-v*", expand_wildcards="all", features="aliases").body
    return sorted(
        name
        for name, has in found.items()
        if re.fullmatch(rf"{re.escape(alias)}-v\d+-\d{{6}}", name)
        and _number(name) > _number(old)
        and not has["aliases"]
    )


def unblock(client: Elasticsearch, index: str) -> None:
    """Let writers go on."""
    client.indices.put_settings(index=index, settings={"blocks.write": None})


def _number(name: str) -> int:
    digits = name.rpartition("-")[2]
    if not digits.isdigit():
        raise Misconfigured(f"{name}: not an index that Copydesk made; its name must end in a number")
    return int(digits)
