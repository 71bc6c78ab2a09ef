"""Bring a file that was worked on to its end: processed, quarantined, or left for another try."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.bucket import Bucket, Changed, Entry, Gone, keys
from services.enrich.pipeline import FileResult
from services.errors import REMEDIES, RETRYABLE, ArticleRejected, Reason
from services.index import Outcome, Result
from services.index.document import Document
from services.ingest.evidence import Evidence, Failure
from services.ingest.quarantine import processed, quarantine
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
    """Moves files; ``report`` is told of each that has come to its end."""

    bucket: Bucket
    evidence: Evidence
    pipeline: str
    max_attempts: int
    report: Callable[[Receipt], None]

    def settle(self, file: Worked, outcomes: Sequence[Outcome], run: str) -> bool:
        """Settle one file; ``outcomes`` are the index's of its documents.

        Returns:
            Whether the file came to its end; else it waits for another try.
        """
        ids = tuple(outcome.id for outcome in outcomes if outcome.result is not Result.REFUSED)
        refusals = (*file.result.refusals, *_refused(file, outcomes))
        rejected = file.result.rejected or (as_a_whole(refusals, len(ids)) if refusals else None)
        try:
            if rejected is None:
                receipt = self._processed(file, ids)
            else:
                attempts, traceback = 1, file.result.traceback
                if failed := _failure(rejected, refusals):
                    suspect = self.evidence.blame(file.entry.key, _as_failure(failed, run, traceback))
                    if suspect is None or not suspect.is_guilty(self.max_attempts):
                        return suspect is None
                    attempts = suspect.attempts
                record = QuarantineRecord(
                    key=keys.printable(file.entry.key),
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
                receipt = self._quarantined(file, record)
                if failed:
                    self.evidence.clear([file.entry.key])
        except Gone:
            _LOG.debug("gone", key=keys.printable(file.entry.key))
        except Changed:
            # The bytes that were read are indexed; the new ones wait and are work of their own.
            _LOG.info("rewritten meanwhile", key=keys.printable(file.entry.key))
        else:
            self.report(receipt)
        return True

    def _processed(self, file: Worked, ids: tuple[str, ...]) -> Receipt:
        ignored = file.result.ignored
        return Receipt(
            key=file.entry.key,
            outcome="indexed" if ignored is None else "ignored",
            where=processed(self.bucket, file.entry, ignored=ignored),
            detail=ignored,
            documents=ids,
        )

    def _quarantined(self, file: Worked, record: QuarantineRecord) -> Receipt:
        return Receipt(
            key=file.entry.key,
            outcome="quarantined",
            where=quarantine(self.bucket, file.entry, record),
            reason=record.reason,
            detail=record.detail,
            documents=record.documents,
        )


def log_receipt(receipt: Receipt) -> None:
    """One line for each file that has come to its end."""
    _LOG.info(
        receipt.outcome,
        key=keys.printable(receipt.key),
        where=keys.printable(receipt.where),
        documents=len(receipt.documents),
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
