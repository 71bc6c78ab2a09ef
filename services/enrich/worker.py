"""Work on a chunk of keys: read, process, index, and settle each file where it belongs.

Everything here may run twice, or be killed anywhere: documents have fixed ids and versions, a
file leaves its lane only after the index has acknowledged it, and moves are conditional.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.bucket import Bucket, Changed, Entry, Gone, TooLarge, keys
from services.enrich.pipeline import FileResult, Tools, process, signature
from services.errors import REMEDIES, ArticleRejected, Misconfigured, Reason, ServiceUnavailable
from services.index import Index, Outcome, Result
from services.index.document import Document, to_document
from services.ingest.leases import Leases
from services.ingest.quarantine import processed, quarantine
from services.models import Article, Provenance, QuarantineRecord, RawFile, Receipt, Refusal
from services.settings import Settings
from services.telemetry import log

_LOG = log(__name__)


@dataclass(frozen=True)
class _File:
    """A file in work: what was read of it and what came out."""

    entry: Entry
    result: FileResult
    sha256: str | None = None
    documents: tuple[Document, ...] = ()


class Worker:
    """Built once per process from adapters and loaded models."""

    def __init__(
        self,
        settings: Settings,
        *,
        bucket: Bucket,
        index: Index,
        leases: Leases,
        tools: Tools,
        report: Callable[[Receipt], None] | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._settings = settings
        self._bucket = bucket
        self._index = index
        self._leases = leases
        self._tools = tools
        self._signature = signature(tools)
        self._report = report or _log_receipt
        self._stopping = stopping

    def work(self, names: Sequence[str]) -> None:
        """Bring every key of the chunk to its end, or leave it waiting when a service is away.

        When the process is to stop, the files not yet begun are handed back.
        """
        try:
            begun = itertools.takewhile(lambda _: not self._stopping(), names)
            files = [file for name in begun if (file := self._read(name)) is not None]
            documents = [document for file in files for document in file.documents]
            outcomes = iter(self._index.put_many(documents) if documents else ())
            for file in files:
                self._settle(file, list(itertools.islice(outcomes, len(file.documents))))
        except ServiceUnavailable as error:
            # Not the files' fault: they wait where they are.
            _LOG.warning("waiting", cause=str(error), files=len(names))
            self._leases.postpone(names, self._settings.retry_seconds)
        except Misconfigured as error:
            _LOG.error("misconfigured", cause=str(error), files=len(names))
            self._leases.postpone(names, self._settings.retry_seconds)
        else:
            self._leases.release(names)

    def _read(self, name: str) -> _File | None:
        limit = self._settings.max_file_bytes
        try:
            entry, data = self._bucket.read(name, limit=limit)
        except Gone:
            _LOG.debug("gone", key=keys.printable(name))
            return None
        except TooLarge as error:
            detail = f"{error.entry.size:,} bytes; the limit is {limit:,}"
            return _File(error.entry, FileResult(rejected=ArticleRejected(Reason.TOO_LARGE, detail)))
        raw = RawFile(key=keys.printable(keys.relative(name)), data=data, modified=entry.modified)
        result = process(raw, self._tools, seconds=self._settings.file_seconds)
        return _File(entry, result, raw.sha256, documents(raw, result, self._signature))

    def _settle(self, file: _File, outcomes: Sequence[Outcome]) -> None:
        """Move the file to its end and say so."""
        refusals = [*file.result.refusals, *_refused(file.result.articles, outcomes)]
        ids = tuple(outcome.id for outcome in outcomes if outcome.result is not Result.REFUSED)
        try:
            if file.result.rejected is not None:
                receipt = self._quarantine(file, file.result.rejected, refusals, ids)
            elif refusals:
                receipt = self._quarantine(file, as_a_whole(refusals, len(ids)), refusals, ids)
            else:
                ignored = file.result.ignored
                receipt = Receipt(
                    key=file.entry.key,
                    outcome="indexed" if ignored is None else "ignored",
                    where=processed(self._bucket, file.entry, ignored=ignored),
                    detail=ignored,
                    documents=ids,
                )
        except Gone:
            _LOG.debug("gone", key=keys.printable(file.entry.key))
        except Changed:
            # The bytes that were read are indexed; the new ones wait and are work of their own.
            _LOG.info("rewritten meanwhile", key=keys.printable(file.entry.key))
        else:
            self._report(receipt)

    def _quarantine(
        self, file: _File, rejected: ArticleRejected, refusals: Sequence[Refusal], ids: tuple[str, ...]
    ) -> Receipt:
        record = QuarantineRecord(
            key=keys.printable(file.entry.key),
            reason=rejected.reason,
            detail=rejected.detail,
            remedy=REMEDIES[rejected.reason],
            attempts=1,
            at=datetime.now(UTC),
            sha256=file.sha256,
            traceback=file.result.traceback,
            refusals=tuple(refusals),
            documents=ids,
            pipeline=self._signature,
        )
        return Receipt(
            key=file.entry.key,
            outcome="quarantined",
            where=quarantine(self._bucket, file.entry, record),
            reason=rejected.reason,
            detail=rejected.detail,
            documents=ids,
        )


def documents(raw: RawFile, result: FileResult, pipeline: str) -> tuple[Document, ...]:
    """The documents that a file's articles are indexed as."""
    if not result.articles:
        return ()
    assert result.format is not None
    provenance = Provenance(
        key=raw.key,
        sha256=raw.sha256,
        format=result.format,
        pipeline=pipeline,
        received=raw.modified,
        indexed=datetime.now(UTC),
    )
    return tuple(to_document(article, provenance) for article in result.articles)


def _refused(articles: Sequence[Article], outcomes: Sequence[Outcome]) -> list[Refusal]:
    return [
        Refusal(reason=Reason.INDEX_REFUSED, detail=outcome.reason or "", item=article.uid)
        for article, outcome in zip(articles, outcomes, strict=True)
        if outcome.result is Result.REFUSED
    ]


def as_a_whole(refusals: Sequence[Refusal], indexed: int) -> ArticleRejected:
    """What to call the file when articles in it were refused."""
    first = refusals[0]
    if not indexed and len({refusal.reason for refusal in refusals}) == 1:
        more = f" (and {len(refusals) - 1} more)" if len(refusals) > 1 else ""
        return ArticleRejected(first.reason, first.detail + more)
    what = f"{first.item}: {first.reason}: {first.detail}"
    return ArticleRejected(
        Reason.PARTIAL, f"{indexed} articles indexed, {len(refusals)} refused, first {what}"
    )


def _log_receipt(receipt: Receipt) -> None:
    _LOG.info(
        receipt.outcome,
        key=keys.printable(receipt.key),
        where=keys.printable(receipt.where),
        documents=len(receipt.documents),
        **({"reason": receipt.reason, "detail": receipt.detail} if receipt.reason else {}),
    )
