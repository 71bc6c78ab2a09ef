"""Work on a chunk of keys: read, process, index, and settle each file where it belongs.

Everything here may run twice, or be killed anywhere: documents have fixed ids and versions, a
file leaves its lane only after the index has acknowledged it, and moves are conditional.
"""

import errno
import itertools
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum, auto

from services.bucket import Bucket, Changed, Denied, Entry, Gone, TooLarge, keys
from services.enrich.clean.recurring import Furniture
from services.enrich.formats.records import sequence
from services.enrich.formats.unpack import packing
from services.enrich.learnt import Watched
from services.enrich.limits import Limits
from services.enrich.pipeline import FileResult, Tools, process, signature
from services.enrich.pool import Lost, imap
from services.enrich.settle import Settler, Worked, log_receipt
from services.enrich.slices import Overloaded, Turn, TurnOver
from services.errors import ArticleRejected, CopydeskError, Misconfigured, Reason, ServiceUnavailable
from services.index import Index, IndexUnavailable, Outcome
from services.index.document import Document, to_document
from services.ingest.breaker import Breaker
from services.ingest.evidence import Evidence, Failure, Fault
from services.ingest.leases import Leases
from services.ingest.progress import ProgressRecords
from services.models import Article, Provenance, RawFile, Receipt, Status
from services.patience import patiently
from services.settings import Settings
from services.telemetry import log

_LOG = log(__name__)
_SHORTAGES = {errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSPC}
PACKED = 8  # times what it has, is about what a packed file unfolds to


class Turned(Enum):
    """How a turn at a large file ended."""

    ENDED = auto()
    WAITS = auto()  # for its next turn
    FAILED = auto()
    REFUSED = auto()  # by an overloaded index


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
        self._learnt = Watched(bucket) if settings.furniture else None
        self._tools = replace(tools, furniture=Furniture()) if settings.furniture else tools
        self._stopping = stopping
        self._expendable = expendable
        self._limits = Limits.of(settings, expendable=expendable)
        #: Keys that may not be read or taken away: a person must act, and nothing else waits for that.
        self.denied: set[str] = set()
        self._signature = signature(self._tools)
        self._evidence = Evidence(bucket)
        self._settler = Settler(
            bucket, self._evidence, self._signature, settings.max_attempts, report, self.denied
        )

    def work(
        self,
        chunk: str,
        names: Sequence[str],
        *,
        alone: bool = False,
        generation: str | None = None,
        redelivered: bool = False,
    ) -> None:
        """Bring every key to its end, or leave it waiting when a service is away.

        Args:
            chunk: the message's id, the same when it is delivered again.
            names: the keys.
            alone: a file that has failed before; it is worked on in a process of its own.
            generation: of the leases that the message relies on, as far as it is known. When those are
                lost the files are sent anew, perhaps each alone by now: this message is void.
            redelivered: the message was given to a worker before; its files are handed back.

        """
        begun = False
        try:
            if generation is not None and generation != self._leases.generation():
                _LOG.info("void", chunk=chunk, files=len(names), cause="Redis was emptied since it was sent")
            elif redelivered:
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
        began = time.monotonic()
        if self._learnt is not None:
            self._tools = replace(self._tools, furniture=self._learnt.furniture())
        try:
            read = [self._read(name, alone=alone) for name in self._begun(names)]
            files = [each for each in read if isinstance(each, Worked)]
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
            for entry in read:
                # What is worked through in slices comes last, so that small files do not wait for it.
                soon = time.monotonic() - began < self._settings.task_seconds / 8
                if isinstance(entry, Entry) and soon and not self._stopping():
                    turned = self._take_turn(entry, chunk, alone=alone)
                    {Turned.ENDED: ended, Turned.FAILED: failed, Turned.REFUSED: refused}.get(
                        turned, set[str]()
                    ).add(entry.key)
        except CopydeskError:
            raise
        except Exception as error:  # whatever it is, the files must come to an end
            if _is_the_machine(error):
                raise ServiceUnavailable(f"this machine: {error}; waiting for it to have room") from error
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
        denied = self.denied.intersection(names)
        waiting = failed | refused | denied
        self._leases.release((name for name in names if name not in waiting), chunk=chunk)
        self._leases.postpone(denied, self._settings.visibility_timeout, chunk=chunk)
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

    def _read(self, name: str, *, alone: bool) -> Worked | Entry | None:
        """A file worked on; only its entry, when it is to be worked through in slices."""
        limit = self._settings.max_file_bytes
        self.denied.discard(name)  # somebody may have opened it meanwhile
        try:
            try:
                entry, data = self._bucket.read(name, limit=min(limit, self._settings.slice_above_bytes))
                unfolds = packing(data) and len(data) * PACKED > self._settings.slice_above_bytes
                if unfolds and self._is_sequence(entry):
                    return entry
            except TooLarge as error:
                if self._is_sequence(error.entry):
                    return error.entry
                entry, data = self._bucket.read(name, limit=limit)
        except Denied as error:
            self.denied.add(name)
            _LOG.error("denied", key=keys.printable(name), cause=str(error))
            return None
        except (Gone, Changed):
            _LOG.debug("gone", key=keys.printable(name))
            return None
        except TooLarge as error:
            detail = f"{error.entry.size:,} bytes; the limit is {limit:,}"
            return Worked(error.entry, FileResult(rejected=ArticleRejected(Reason.TOO_LARGE, detail)))
        raw = RawFile(key=keys.printable(keys.relative(name)), data=data, modified=entry.modified)
        result = self._isolated(raw) if alone and self._expendable else self._process(raw)
        return Worked(entry, result, raw.sha256, documents(raw, result, self._signature))

    def _is_sequence(self, entry: Entry) -> bool:
        with self._bucket.stream(entry) as stream:
            try:
                return sequence(stream, self._settings.max_sliced_bytes) is not None
            except ArticleRejected:
                return False  # as a whole it is refused for the same, or for its size

    def _take_turn(self, entry: Entry, chunk: str, *, alone: bool) -> Turned:
        """Work on the file for one turn, from where the last one ended."""
        suspect = self._evidence.suspect(entry.key) if alone else None
        failures = len(suspect.failures) if suspect is not None and suspect.etag == entry.etag else 0

        def acknowledged() -> None:
            if alone:
                self._evidence.clear([entry.key])  # whatever it died of is behind it

        try:
            with self._bucket.stream(entry) as stream:
                cutting = sequence(stream, self._settings.max_sliced_bytes)
                assert cutting is not None  # it was one a moment ago, and a stream is of the same bytes
                turn = Turn(
                    settings=self._settings,
                    bucket=self._bucket,
                    tools=self._tools,
                    stopping=self._stopping,
                    expendable=self._expendable,
                    entry=entry,
                    cutting=cutting,
                    make=self._made,
                    put=self._put,
                    acknowledged=acknowledged,
                    failures=failures,
                )
                progress = turn.run()
        except TurnOver:
            return Turned.WAITS
        except Overloaded:
            return Turned.REFUSED
        except (Gone, Changed) as error:
            _LOG.info("rewritten meanwhile", key=keys.printable(entry.key), cause=str(error))
            return Turned.WAITS
        except ArticleRejected as error:
            records = ProgressRecords(self._bucket)
            known = records.read(entry.key, entry.etag)
            said = f"{error.detail}; {known.said()} before" if known else error.detail
            result = FileResult(rejected=ArticleRejected(error.reason, said))
            ((_, came_to_its_end),) = self._settler.settle([(Worked(entry, result), ())], chunk)
            if not came_to_its_end:
                return Turned.FAILED
            records.clear(entry.key)
            return Turned.ENDED
        self._settler.settle_sliced(entry, progress)
        return Turned.ENDED

    def _made(self, raw: RawFile, sha256: str, result: FileResult) -> tuple[Document, ...]:
        return documents_of(raw.key, raw.modified, sha256, result, self._signature)

    def _process(self, raw: RawFile) -> FileResult:
        return process(raw, self._tools, self._limits)

    def _isolated(self, raw: RawFile) -> FileResult:
        """Work in a child of this process, which may hang or die without harm to anything else."""
        limits = self._limits

        def work(raw: RawFile) -> FileResult:
            return process(raw, self._tools, limits.in_child())

        ((_, result),) = imap(work, [raw], jobs=1, seconds=limits.hard_seconds)
        if isinstance(result, Lost):
            return FileResult(rejected=ArticleRejected(result.reason, result.detail))
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


def _is_the_machine(error: Exception) -> bool:
    """Whether it lacks memory, threads, descriptors or room, which is no file's fault."""
    if isinstance(error, OSError):
        return error.errno in _SHORTAGES
    return isinstance(error, MemoryError) or "can't start new thread" in str(error)


def documents(raw: RawFile, result: FileResult, pipeline: str) -> tuple[Document, ...]:
    """The documents that a file's articles are indexed as, then tombstones of those they cancel."""
    if not result.articles:
        return ()
    return documents_of(raw.key, raw.modified, raw.sha256, result, pipeline)


def documents_of(
    key: str, modified: datetime, sha256: str, result: FileResult, pipeline: str
) -> tuple[Document, ...]:
    """The same, when the file is not held whole: its name, time and hash."""
    if not result.articles:
        return ()
    assert result.format is not None
    provenance = Provenance(
        key=key,
        sha256=sha256,
        format=result.format,
        pipeline=pipeline,
        received=modified,
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
