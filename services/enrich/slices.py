"""A file of many articles worked through in slices: bounded memory, and a place to go on from.

A slice is some hundred records. When the index has acknowledged it, progress is written; only then
comes the next. A message takes one turn at the file, and the rest waits for the next message.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from services.bucket import Bucket, Changed, Entry, Gone, keys
from services.enrich.formats.cut import Record
from services.enrich.formats.records import Sequence as Cutting
from services.enrich.formats.table import Parsed, parse_record
from services.enrich.limits import Limits
from services.enrich.pipeline import FileResult, Tools, process
from services.enrich.pool import Lost, imap
from services.errors import RETRYABLE, ArticleRejected, Reason
from services.index import Outcome, Result
from services.index.document import Document
from services.ingest.progress import Progress, ProgressRecords
from services.models import RawFile, Refusal
from services.settings import Settings
from services.telemetry import log

_LOG = log(__name__)
_BLOCK = 1 << 20
_SLICE_BYTES = 20_000_000  # of records: a slice of large ones is shorter
_TRIES = 2  # of a record whose trouble may pass

#: A result's documents: of the file with this name, time and hash.
Make = Callable[[RawFile, str, FileResult], tuple[Document, ...]]
Put = Callable[[Sequence[Document]], Sequence[Outcome | None]]


class TurnOver(Exception):  # no error
    """It is time to stop, and the file has more."""


class Overloaded(Exception):
    """The index did not take all of a slice; it is sent again later."""


@dataclass(frozen=True)
class Given:
    """One record as it is worked on: ``before`` counts the items of the file that came before its own."""

    record: Record
    raw: RawFile
    format: str
    before: int


def work(given: Given, tools: Tools, limits: Limits) -> FileResult:
    """What comes of one record, by the same steps as of a file."""

    def read(raw: RawFile) -> Parsed:
        return parse_record(given.format, raw, given.before, given.record.shared)

    return process(given.raw, tools, limits, read)


def named(result: FileResult, record: Record, unit: str) -> tuple[Refusal, ...]:
    """A record's refusals, by its place in the file where its parser knew only its place in the record."""
    place = f"{unit} {record.number}"
    refusals = [
        refusal.model_copy(update={"item": place}) if refusal.item == f"{unit} 1" else refusal
        for refusal in result.refusals
    ]
    if result.rejected is not None:
        refusals.append(Refusal(reason=result.rejected.reason, detail=result.rejected.detail, item=place))
    return tuple(refusals)


@dataclass
class _Part:
    """What has come of the records since the last progress."""

    position: int
    number: int
    items: int = 0
    count: int = 0
    size: int = 0
    results: list[tuple[FileResult, tuple[Document, ...]]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    ignored: str | None = None


@dataclass
class Turn:
    """One message's work on one file; its fields say what it needs."""

    settings: Settings
    bucket: Bucket
    tools: Tools
    stopping: Callable[[], bool]
    expendable: bool  # whether children may be forked for records that may kill them
    entry: Entry
    cutting: Cutting
    make: Make
    put: Put
    acknowledged: Callable[[], None]  # told of each slice
    failures: int = 0  # of runs that were at this very place

    def run(self) -> Progress:
        """Work until the file is through, and return what came of it.

        Raises:
            TurnOver: there is more to do.
            Overloaded: the index took only some of a slice.
            Changed: the file was written anew. ``Gone``: somebody took it away.
            ArticleRejected: no more of it can be reached in time.

        """
        records = ProgressRecords(self.bucket)
        self._progress = records.read(self.entry.key, self.entry.etag) or self._begun()
        if self.failures:
            self._progress = self._progress.model_copy(update={"careful": True})
        latest = time.monotonic() + self.settings.task_seconds / 2
        self._skip(self.cutting.stream, self._progress.position, latest)
        over = time.monotonic() + min(self.settings.file_seconds, self.settings.task_seconds / 4)
        alone = self._progress.careful and not self.expendable
        most = 1 if alone else self.settings.slice_records
        self._start_part()
        for given, result in self._results():
            self._add(given, result)
            stop = self.stopping() or time.monotonic() > over
            if stop or self._part.count >= most or self._part.size > _SLICE_BYTES:
                self._acknowledge(records)
                if stop:
                    raise TurnOver
        self._acknowledge(records)
        return self._progress

    def _begun(self) -> Progress:
        """Progress of a file that nobody has begun. Documents name the file's hash, so that comes first."""
        digest = hashlib.sha256()
        latest = time.monotonic() + self.settings.task_seconds / 2
        with self.bucket.stream(self.entry) as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
                self._in_time(latest, "read")
        progress = Progress(name=self.entry.key, etag=self.entry.etag, sha256=digest.hexdigest())
        ProgressRecords(self.bucket).write(progress)
        return progress

    def _skip(self, stream: BinaryIO, position: int, latest: float) -> None:
        """Go to where the last slice ended; through a packed file that takes a while."""
        stream.seek(0)
        here = 0
        while here < position:
            here = stream.seek(min(position, here + 8 * _BLOCK))
            self._in_time(latest, "unpacked up to where its last turn ended")

    def _in_time(self, latest: float, what: str) -> None:
        if self.stopping():
            raise TurnOver
        if time.monotonic() > latest:
            limit = self.settings.task_seconds / 2
            raise ArticleRejected(
                Reason.TIMEOUT, f"not {what} within {limit:g} s, half of COPYDESK_TASK_SECONDS"
            )

    def _start_part(self) -> None:
        self._part = _Part(self._progress.position, self._progress.records)

    def _given(self) -> Iterator[Given]:
        """The records from where work goes on."""
        name = keys.printable(keys.relative(self.entry.key))
        for record in self.cutting.sound(self._progress.position, self._progress.records):
            raw = RawFile(name, record.data, self.entry.modified)
            before = self._progress.items + self._part.items
            yield Given(record, raw, self.cutting.format, before)

    def _results(self) -> Iterator[tuple[Given, FileResult]]:
        limits = Limits.of(self.settings, expendable=self.expendable)
        if self._progress.careful and self.expendable:
            yield from self._isolated(self._given(), limits)
            return
        # A run that dies at a single record, again and again, has found the one that kills it.
        passed_over = self.failures >= self.settings.max_attempts - 1 > 0
        for given in self._given():
            if given.record.refused is not None:
                yield given, FileResult(rejected=given.record.refused)
            elif passed_over:
                detail = f"{self.failures} processes died at this place"
                yield given, FileResult(rejected=ArticleRejected(Reason.WORKER_LOST, detail))
            else:
                result = work(given, self.tools, limits)
                if _may_pass(result):
                    result = work(given, self.tools, limits)
                yield given, result
            passed_over = False

    def _isolated(self, given: Iterator[Given], limits: Limits) -> Iterator[tuple[Given, FileResult]]:
        """Each record in a child that may hang or die of it: it alone is refused, by its name."""

        def in_child(one: Given) -> FileResult:
            if one.record.refused is not None:
                return FileResult(rejected=one.record.refused)
            return work(one, self.tools, limits.in_child())

        hard = limits.hard_seconds
        for one, result in imap(in_child, given, jobs=1, seconds=hard):
            found = result
            for _ in range(1, _TRIES):
                if isinstance(found, Lost) or _may_pass(found):
                    ((_, found),) = imap(in_child, [one], jobs=1, seconds=hard)
            if isinstance(found, Lost):
                found = FileResult(rejected=ArticleRejected(found.reason, found.detail))
            yield one, found

    def _add(self, given: Given, result: FileResult) -> None:
        part, record = self._part, given.record
        refusals = named(result, record, self.cutting.unit)
        part.position, part.number = record.end, record.number
        part.count += 1
        part.size += len(record.data)
        part.items += len(result.articles) + len(refusals)
        part.refusals += refusals
        part.ignored = part.ignored or result.ignored
        if result.articles:
            part.results.append((result, self.make(given.raw, self._progress.sha256, result)))

    def _acknowledge(self, records: ProgressRecords) -> None:
        """Index what came of the slice, and write how far work has come."""
        part = self._part
        outcomes = self.put([document for _, made in part.results for document in made])
        if any(outcome is None for outcome in outcomes):
            raise Overloaded
        rest = iter(outcomes)
        ids: list[str] = []
        refusals = list(part.refusals)
        for result, made in part.results:
            for place, outcome in enumerate([next(rest) for _ in made]):
                assert outcome is not None
                is_article = place < len(result.articles)
                if outcome.result is not Result.REFUSED:
                    ids += [outcome.id] if is_article else []
                elif is_article:
                    refusals.append(
                        Refusal(
                            reason=Reason.INDEX_REFUSED,
                            detail=outcome.reason or "",
                            item=result.articles[place].uid,
                        )
                    )
        now = self.bucket.stat(self.entry.key)
        if now is None:
            records.clear(self.entry.key)  # another worker has brought it to its end, or a person
            raise Gone(f"{keys.printable(self.entry.key)}: no longer there")
        if now.etag != self.entry.etag:
            raise Changed(f"{keys.printable(self.entry.key)}: written anew while it was in work")
        self._progress = self._progress.after(
            position=part.position,
            records=part.number,
            items=part.items,
            documents=ids,
            refusals=refusals,
            ignored=part.ignored,
        )
        records.write(self._progress)
        self.acknowledged()
        _LOG.info("slice", key=keys.printable(self.entry.key), records=part.count, done=part.number)
        self._start_part()


def _may_pass(result: FileResult) -> bool:
    reasons = [refusal.reason for refusal in result.refusals]
    reasons += [result.rejected.reason] if result.rejected is not None else []
    return not RETRYABLE.isdisjoint(reasons)
