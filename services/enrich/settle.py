"""Bring a file that was worked on to its end: processed, quarantined, or left for another try."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from services.bucket import Bucket, Changed, Denied, Entry, Gone, keys
from services.enrich.pipeline import FileResult
from services.errors import REMEDIES, RETRYABLE, ArticleRejected, CopydeskError, Reason
from services.index import Outcome, Result
from services.index.document import Document
from services.ingest.evidence import Evidence, Failure
from services.ingest.progress import Progress, ProgressRecords
from services.ingest.quarantine import ignore, quarantine
from services.models import QuarantineRecord, Receipt, Refusal
from services.telemetry import log

_LOG = log(__name__)


@dataclass(frozen=True)
class Worked:
    """A file that was worked on: what was read of it and what came out."""

    entry: Entry
    result: FileResult
    sha256: str | None = None
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True)
class Settler:
    """Moves files; ``report`` is told of each that has come to its end.

    ``denied`` takes the keys of files that may not be taken away from where they are.
    """

    bucket: Bucket
    evidence: Evidence
    pipeline: str
    max_attempts: int
    report: Callable[[Receipt], None]
    denied: set[str] = field(default_factory=set)

    def settle(
        self, files: Iterable[tuple[Worked, Sequence[Outcome]]], run: str
    ) -> Iterator[tuple[Worked, bool]]:
        """Settle files, each with the index's outcomes of its documents.

        Those that are indexed as a whole, nearly all, are moved together at the end: an object store does
        that at much less cost.

        Yields:
            Each file and whether it came to its end; else it waits for another try.

        """
        indexed = []
        for file, outcomes in files:
            ids = tuple(outcome.id for outcome in outcomes if outcome.result is not Result.REFUSED)
            refusals = (*file.result.refusals, *_refused(file, outcomes))
            rejected = file.result.rejected or (as_a_whole(refusals, len(ids)) if refusals else None)
            if rejected is not None:
                yield file, self._refuse(file, rejected, refusals, ids, run)
            elif file.result.ignored is not None:
                yield file, self._ignore(file, file.result.ignored)
            else:
                indexed.append((file, ids))
        today = datetime.now(UTC).date()
        moves = [(file.entry, keys.processed_key(file.entry.key, today)) for file, _ in indexed]
        trouble: list[CopydeskError] = []
        for (file, ids), where in zip(indexed, self.bucket.move_all(moves), strict=True):
            if isinstance(where, CopydeskError) and not isinstance(where, (Gone, Changed, Denied)):
                trouble.append(where)  # of the store's own, raised when what did move is told
                continue
            with self._what_went(file.entry):
                if isinstance(where, CopydeskError):
                    raise where
                self.report(Receipt(key=file.entry.key, outcome="indexed", where=where, documents=ids))
            yield file, True
        if trouble:
            raise trouble[0]

    def settle_sliced(self, entry: Entry, progress: Progress) -> None:
        """Settle a file that was worked through in slices, whose articles are all indexed or refused."""
        verdict = progress.verdict()
        found: dict[str, Any] = {
            "key": entry.key,
            "documents": progress.documents,
            "indexed": progress.articles,
        }
        with self._what_went(entry):
            if verdict is not None:
                record = QuarantineRecord(
                    key=keys.printable(entry.key),
                    reason=verdict.reason,
                    detail=verdict.detail,
                    remedy=REMEDIES[verdict.reason],
                    attempts=1,
                    at=datetime.now(UTC),
                    sha256=progress.sha256,
                    refusals=progress.refusals,
                    documents=progress.documents,
                    indexed=progress.articles,
                    refused=progress.refusal_count,
                    pipeline=self.pipeline,
                )
                where = quarantine(self.bucket, entry, record)
                why = {"reason": verdict.reason, "detail": verdict.detail}
                self.report(Receipt(outcome="quarantined", where=where, **found, **why))
            elif progress.articles:
                where = self.bucket.move(entry, keys.processed_key(entry.key, datetime.now(UTC).date()))
                self.report(Receipt(outcome="indexed", where=where, **found))
            else:
                ignored = progress.ignored or "no article in the file"
                where = ignore(self.bucket, entry, ignored)
                self.report(Receipt(outcome="ignored", where=where, detail=ignored, **found))
        ProgressRecords(self.bucket).clear(entry.key)

    @contextlib.contextmanager
    def _what_went(self, entry: Entry) -> Iterator[None]:
        """A file that went, or was written anew, has come to its end as far as it was read."""
        try:
            yield
        except Gone:
            _LOG.debug("gone", key=keys.printable(entry.key))
        except Changed:
            # The bytes that were read are indexed; the new ones wait and are work of their own.
            _LOG.info("rewritten meanwhile", key=keys.printable(entry.key))
        except Denied as error:
            self.denied.add(entry.key)
            _LOG.error("denied", key=keys.printable(entry.key), cause=str(error))

    def _ignore(self, file: Worked, why: str) -> bool:
        with self._what_went(file.entry):
            where = ignore(self.bucket, file.entry, why)
            self.report(Receipt(key=file.entry.key, outcome="ignored", where=where, detail=why))
        return True

    def _refuse(
        self,
        file: Worked,
        rejected: ArticleRejected,
        refusals: tuple[Refusal, ...],
        ids: tuple[str, ...],
        run: str,
    ) -> bool:
        """Quarantine a file, unless what it failed by may be mended by another try."""
        key, attempts, traceback = file.entry.key, 1, file.result.traceback
        with self._what_went(file.entry):
            if failed := _failure(rejected, refusals):
                suspect = self.evidence.blame(key, _as_failure(failed, run, traceback))
                if suspect is None or not suspect.is_guilty(self.max_attempts):
                    return suspect is None
                attempts = suspect.attempts
            record = QuarantineRecord(
                key=keys.printable(key),
                reason=rejected.reason,
                detail=rejected.detail,
                remedy=REMEDIES[rejected.reason],
                attempts=attempts,
                at=datetime.now(UTC),
                sha256=file.sha256,
                traceback=traceback,
                refusals=refusals,
                documents=ids,
                pipeline=self.pipeline,
            )
            receipt = Receipt(
                key=key,
                outcome="quarantined",
                where=quarantine(self.bucket, file.entry, record),
                reason=record.reason,
                detail=record.detail,
                documents=record.documents,
            )
            if failed:
                self.evidence.clear([key])
            self.report(receipt)
        return True


def log_receipt(receipt: Receipt) -> None:
    """One line for each file that has come to its end."""
    _LOG.info(
        receipt.outcome,
        key=keys.printable(receipt.key),
        where=keys.printable(receipt.where),
        documents=receipt.count,
        **({"reason": receipt.reason, "detail": receipt.detail} if receipt.reason else {}),
    )


def as_a_whole(refusals: Sequence[Refusal], indexed: int) -> ArticleRejected:
    """What to call a file when articles in it were refused and ``indexed`` others were not."""
    first = refusals[0]
    if not indexed and len({refusal.reason for refusal in refusals}) == 1:
        more = f" (and {len(refusals) - 1} more)" if len(refusals) > 1 else ""
        return ArticleRejected(first.reason, first.detail + more)
    what = f"{first.item}: {first.reason}: {first.detail}"
    return ArticleRejected(
        Reason.PARTIAL, f"{indexed} articles indexed, {len(refusals)} refused, first {what}"
    )


def _refused(file: Worked, outcomes: Sequence[Outcome]) -> list[Refusal]:
    return [
        Refusal(reason=Reason.INDEX_REFUSED, detail=outcome.reason or "", item=article.uid)
        for article, outcome in zip(file.result.articles, outcomes, strict=False)
        if outcome.result is Result.REFUSED
    ]


def _failure(rejected: ArticleRejected, refusals: Sequence[Refusal]) -> ArticleRejected | None:
    """What another try may mend: the file's own failure, or that of one article in it."""
    if rejected.reason in RETRYABLE:
        return rejected
    found = next((refusal for refusal in refusals if refusal.reason in RETRYABLE), None)
    return ArticleRejected(found.reason, found.detail) if found is not None else None


def _as_failure(rejected: ArticleRejected, run: str, traceback: str | None) -> Failure:
    return Failure(run, rejected.reason, rejected.detail, datetime.now(UTC).isoformat(), traceback)
