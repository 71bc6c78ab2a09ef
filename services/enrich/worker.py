"""Work on a chunk of keys: read, process, index, and settle each file where it belongs.

Everything here may run twice, or be killed anywhere: documents have fixed ids and versions, a
file leaves its lane only after the index has acknowledged it, and moves are conditional.
"""

import itertools
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from services.bucket import Bucket, Gone, TooLarge, keys
from services.enrich.pipeline import FileResult, Tools, process, signature
from services.enrich.pool import Lost, imap
from services.enrich.settle import Settler, Worked, log_receipt
from services.errors import ArticleRejected, CopydeskError, Misconfigured, Reason, ServiceUnavailable
from services.index import Index, IndexUnavailable, Outcome
from services.index.document import Document, to_document
from services.ingest.breaker import Breaker
from services.ingest.evidence import Evidence, Failure, Fault
from services.ingest.leases import Leases
from services.models import Article, Provenance, RawFile, Receipt, Status
from services.patience import patiently
from services.settings import Settings
from services.telemetry import log

_LOG = log(__name__)
_HARD = 1.25  # times the limit that code can handle: the one that it cannot


class Worker:
    """Built once per process from adapters and loaded models.

    Args:
        report: told of each file that has come to its end; by default a line in the log.
        stopping: asked before each file; when it says yes, the rest is handed back.
        expendable: whether this process may be ended when a file hangs it. So may a pool's child;
            not so the one process of the embedded mode.

    """

    def __init__(
        self,
        settings: Settings,
        *,
        bucket: Bucket,
        index: Index,
        leases: Leases,
        breaker: Breaker,
        tools: Tools,
        report: Callable[[Receipt], None] = log_receipt,
        stopping: Callable[[], bool] = lambda: False,
        expendable: bool = False,
    ) -> None:
        self._settings = settings
        self._bucket = bucket
        self._index = index
        self._leases = leases
        self._breaker = breaker
        self._tools = tools
        self._stopping = stopping
        self._expendable = expendable
        self._signature = signature(tools)
        self._evidence = Evidence(bucket)
        self._settler = Settler(bucket, self._evidence, self._signature, settings.max_attempts, report)

    def work(
        self, chunk: str, names: Sequence[str], *, alone: bool = False, redelivered: bool = False
    ) -> None:
        """Bring every key to its end, or leave it waiting when a service is away.

        Args:
            chunk: the message's id, the same when it is delivered again.
            names: the keys.
            alone: a file that has failed before; it is worked on in a process of its own.
            redelivered: the message was given to a worker before; its files are handed back.

        """
        begun = False
        try:
            if redelivered:
                self._hand_back(chunk, names)
            elif not self._breaker.allows():
                self._leases.postpone(names, self._settings.retry_seconds, chunk=chunk)
            elif claimed := self._leases.claim(chunk, names, self._settings.visibility_timeout):
                # Those in work elsewhere are left to it: the same file may be in two messages.
                begun, names = True, claimed
                self._evidence.begin(chunk, names, self._at_death(names, alone=alone))
                self._work(chunk, names, alone=alone)
        except (ServiceUnavailable, Misconfigured) as error:
            # Not the files' fault: they wait where they are, and no attempt is burnt.
            if isinstance(error, Misconfigured):
                _LOG.error("misconfigured", cause=str(error), files=len(names))
            else:
                _LOG.warning("waiting", cause=str(error), files=len(names))
            self._give_up(chunk, names)
            if begun:
                self._end(chunk)

    def _at_death(self, names: Sequence[str], *, alone: bool) -> Fault:
        """What it would say of the files if this process died at them."""
        if self._expendable:
            return Fault.OUTSIDE if alone else Fault.SHARED  # what is alone has a child of its own to kill
        return Fault.OWN if len(names) == 1 else Fault.SHARED

    def _hand_back(self, chunk: str, names: Sequence[str]) -> None:
        """Let ingest send the files of a message anew that came back.

        Its first worker has died or was stopped, and which files may have killed it is known to the
        bucket, not to the message: those are sent alone. So no message is ever worked on twice, and
        its id names one run.
        """
        marker = self._evidence.marker(chunk)
        if marker is None:
            self._leases.release(names, chunk=chunk)
        elif marker.left_behind:
            self._evidence.died(marker)
            self._leases.postpone(names, self._settings.review_seconds, chunk=chunk)
        # Else it may still be at work: a broken connection brings messages back, too. The review knows.

    def _work(self, chunk: str, names: Sequence[str], *, alone: bool) -> None:
        ended: set[str] = set()
        failed: set[str] = set()
        refused: set[str] = set()  # by an overloaded index, while it took others of the same chunk
        try:
            files = [
                file for name in self._begun(names) if (file := self._read(name, alone=alone)) is not None
            ]
            outcomes = iter(self._put([document for file in files for document in file.documents]))
            known = []
            for file in files:
                those = list(itertools.islice(outcomes, len(file.documents)))
                if None in those:
                    refused.add(file.entry.key)
                else:
                    known.append((file, [outcome for outcome in those if outcome is not None]))
            for file, came_to_its_end in self._settler.settle(known, chunk):
                (ended if came_to_its_end else failed).add(file.entry.key)
        except CopydeskError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the files must come to an end
            # A bug of ours outside of any one file's work: each comes back alone, and is refused in the end.
            _LOG.exception("bug", files=len(names))
            said = "".join(traceback.format_exception_only(error)).strip()
            at, trace = datetime.now(UTC).isoformat(), traceback.format_exc()
            failed = set(names) - ended
            for name in failed:
                self._evidence.blame(name, Failure(chunk, Reason.ERROR, said, at, trace))
        self._evidence.end(chunk)
        self._breaker.succeeded()
        if alone:
            self._evidence.clear(ended)
        self._leases.release((name for name in names if name not in failed | refused), chunk=chunk)
        self._leases.postpone(failed, self._settings.review_seconds, chunk=chunk)
        self._leases.postpone(refused, self._settings.retry_seconds, chunk=chunk)

    def _put(self, documents: Sequence[Document]) -> Sequence[Outcome | None]:
        """Index the documents; what an overloaded index does not take waits, what it took is done."""
        try:
            return self._index.put_many(documents) if documents else ()
        except IndexUnavailable as error:
            if not any(error.outcomes):
                raise
            _LOG.warning("waiting", cause=str(error))
            return error.outcomes

    def _begun(self, names: Sequence[str]) -> Iterator[str]:
        """The keys one after the other, until it is time to stop; the rest is handed back."""
        latest = time.monotonic() + self._settings.task_seconds / 2
        for name in names:
            if self._stopping() or time.monotonic() > latest:
                return
            yield name

    def _read(self, name: str, *, alone: bool) -> Worked | None:
        limit = self._settings.max_file_bytes
        try:
            entry, data = self._bucket.read(name, limit=limit)
        except Gone:
            _LOG.debug("gone", key=keys.printable(name))
            return None
        except TooLarge as error:
            detail = f"{error.entry.size:,} bytes; the limit is {limit:,}"
            return Worked(error.entry, FileResult(rejected=ArticleRejected(Reason.TOO_LARGE, detail)))
        raw = RawFile(key=keys.printable(keys.relative(name)), data=data, modified=entry.modified)
        result = self._isolated(raw) if alone and self._expendable else self._process(raw)
        return Worked(entry, result, raw.sha256, documents(raw, result, self._signature))

    def _process(self, raw: RawFile) -> FileResult:
        seconds = self._settings.file_seconds
        hard = seconds * _HARD if self._expendable else None
        return process(raw, self._tools, seconds=seconds, hard_seconds=hard)

    def _isolated(self, raw: RawFile) -> FileResult:
        """Work in a child of this process, which may hang or die without harm to anything else."""
        seconds = self._settings.file_seconds
        hard = seconds * _HARD

        def work(raw: RawFile) -> FileResult:
            # Twice, so that a child that hangs ends even when nobody is left to end it.
            return process(raw, self._tools, seconds=seconds, hard_seconds=2 * hard)

        ((_, result),) = imap(work, [raw], jobs=1, seconds=hard)
        if isinstance(result, Lost):
            reason = Reason.TIMEOUT if result.timed_out else Reason.WORKER_LOST
            return FileResult(rejected=ArticleRejected(reason, result.detail))
        return result

    def _give_up(self, chunk: str, names: Sequence[str]) -> None:
        """Leave the files alone for a while. The services asked here may be the very ones that are away."""
        for step in (
            self._breaker.failed,
            lambda: self._leases.postpone(names, self._settings.retry_seconds, chunk=chunk),
        ):
            try:
                step()
            except ServiceUnavailable as error:
                _LOG.debug("waiting", cause=str(error))

    def _end(self, chunk: str) -> None:
        try:
            self._evidence.end(chunk)
        except ServiceUnavailable:
            # While the marker stands its files count as in work: take it away as soon as that can be done.
            ending = (lambda: self._evidence.end(chunk), self._settings.retry_seconds)
            threading.Thread(target=patiently, args=ending, daemon=True).start()


def documents(raw: RawFile, result: FileResult, pipeline: str) -> tuple[Document, ...]:
    """The documents that a file's articles are indexed as, then tombstones of those they cancel."""
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
    articles = (*result.articles, *(killed for article in result.articles for killed in _killed(article)))
    return tuple(to_document(article, provenance) for article in articles)


def _killed(article: Article) -> Iterator[Article]:
    """Articles of other ids that this one cancels, as NITF can (``management-doc-idref``).

    Without a version of their own: such a kill ends every version of them.
    """
    for link in article.links:
        if link.rel == Status.CANCELED and link.target != article.uid:
            yield Article(
                uid=link.target,
                status=Status.CANCELED,
                headline=article.headline,
                source=article.source,
                provider=article.provider,
            )
