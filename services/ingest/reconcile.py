"""Reconcile: bucket and index compared, so that the promise of losing nothing is a fact one can check.

Every processed file has its documents in the index, or was rightly superseded or ignored; every
document has its file. What is settled by names is not read; the rest is read and asked what it
stands for.
"""

import contextlib
import hashlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from services.bucket import Bucket, Changed, Entry, Gone, TooLarge, keys
from services.errors import Reason
from services.index import Index
from services.ingest import archive
from services.ingest.claims import Claim, Claims
from services.ingest.ledger import IGNORED, PROCESSED, QUARANTINED, WAITING, File, Held, Ledger
from services.ingest.leftovers import left_behind, left_bytes, unpaired_now
from services.ingest.pairs import pairs
from services.ingest.problem import Kind, Problem
from services.ingest.refused import Refused, read_record
from services.models import RawFile

_BATCH_FILES, _BATCH_BYTES, _READERS = 64, 64_000_000, 8
_COUNTED = (WAITING, PROCESSED, "indexed", "superseded", IGNORED, QUARANTINED, "documents", "expired")
#: Larger files are hashed and not parsed: they were worked through in slices, and hold too much at once.
_MOST_BYTES = 100_000_000
_LIVE_CHECKS = 1000  # work goes on, but not on so many files between two listings


class Reconciliation:
    """One comparison. ``counts`` is complete when ``problems`` has come to its end.

    Args:
        bucket: is listed once.
        index: is scanned once, and asked again for what seems to be missing: work goes on meanwhile.
        claims: tells what a file stands for; without it files that names do not settle stay undecided.
        verify: read every file, compare its bytes and look for each of its articles.

    """

    def __init__(self, bucket: Bucket, index: Index, claims: Claims | None, *, verify: bool = False) -> None:
        self._bucket = bucket
        self._index = index
        self._claims = claims
        self._verify = verify
        self.counts: Counter[str] = Counter(dict.fromkeys((*_COUNTED, *Kind), 0))

    def problems(self) -> Iterator[Problem]:
        """Compare, and tell what does not agree as it is found."""
        with Ledger() as ledger:
            for found in self._compare(ledger):
                self.counts[found.kind] += 1
                yield found

    def _compare(self, ledger: Ledger) -> Iterator[Problem]:
        # The bucket first: whatever it shows as processed by then, the index has acknowledged before.
        left = left_bytes(self._bucket)
        unpaired: list[Refused] = []
        ledger.add_files(self._files(unpaired))
        self._index.refresh()
        ledger.add_documents(self._index.scan())
        self.counts.update(ledger.counts())
        self.counts["indexed"] = self.counts[PROCESSED]
        for file, data in self._read(ledger.files_to_read(every=self._verify)):
            found = self._hashed(ledger, file, data) if isinstance(data, str) else None
            found = self._examined(ledger, file, data) if isinstance(data, bytes) else found
            if found is not None:
                self.counts["indexed"] -= 1
                yield found
        yield from self._partial(ledger)
        yield from self._without_file(ledger)
        yield from unpaired_now(self._bucket, unpaired)
        yield from left_behind(self._bucket, left)

    def _files(self, unpaired: list[Refused]) -> Iterator[tuple[str, Entry]]:
        for lane in keys.LANES.values():
            yield from ((WAITING, entry) for entry in self._bucket.list(lane))
        for file, note in pairs(self._bucket.list(keys.PROCESSED), keys.IGNORED_SUFFIX):
            if file is not None and file.key.count("/") > 3:
                yield (PROCESSED if note is None else IGNORED), file
        for file, record in pairs(self._bucket.list(keys.QUARANTINE), keys.REASON_SUFFIX):
            if file is not None:
                yield QUARANTINED, file
            if file is None or record is None:
                unpaired.append(Refused(file, record))

    def _read(self, files: Iterator[File]) -> Iterator[tuple[File, bytes | str]]:
        """Each file with its bytes, of a very large one with their hash, some read at once.

        Those that people have taken away are left out.
        """
        with ThreadPoolExecutor(_READERS) as pool:
            for batch in _batches(files):
                for file, data in zip(batch, pool.map(self._bytes, batch), strict=True):
                    if data is not None:
                        yield file, data

    def _bytes(self, file: File) -> bytes | str | None:
        try:
            return self._bucket.read(file.key, limit=_MOST_BYTES)[1]
        except TooLarge as large:
            with contextlib.suppress(Gone, Changed), self._bucket.stream(large.entry) as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
            return None
        except Gone:
            return None

    def _hashed(self, ledger: Ledger, file: File, sha256: str) -> Problem | None:
        ledger.note_hash(file, sha256)
        if ledger.holds_bytes(sha256):
            return None
        return Problem(
            Kind.UNDECIDED, file.key, f"more than {_MOST_BYTES:,} bytes, of which no document is made"
        )

    def _examined(self, ledger: Ledger, file: File, data: bytes) -> Problem | None:
        sha256 = hashlib.sha256(data).hexdigest()
        ledger.note_hash(file, sha256)
        is_own = ledger.holds_bytes(sha256)
        # An article without an id of its own is named by its file, whose whole name is not known here.
        if is_own and (not self._verify or self._claims is None or archive.is_cut(file.name)):
            return None
        if self._claims is None:
            return Problem(Kind.UNDECIDED, file.key, "run this where Copydesk's parsers are installed")
        modified = datetime.fromtimestamp(file.modified, UTC)
        claims = self._claims(RawFile(key=file.name, data=data, modified=modified))
        if not claims and not is_own:
            return Problem(Kind.MISSING, file.key, "no document, and no article that could be one")
        for kind, detail in (
            (Kind.MISSING, "not in the index"),
            (Kind.OUTDATED, "the index holds an older version"),
            (Kind.CHANGED, "these are not the bytes that were indexed"),
        ):
            if of_kind := tuple(c.id for c in claims if self._disagrees(ledger, file, sha256, c) is kind):
                return Problem(kind, file.key, detail, of_kind)
        if not is_own:
            self.counts["superseded"] += 1
            self.counts["indexed"] -= 1
        return None

    def _disagrees(self, ledger: Ledger, file: File, sha256: str, claim: Claim) -> Kind | None:
        held = ledger.held(claim.id)
        if held is None or held.version < claim.version:
            held = self._held_now(claim.id)
        if held is None:
            return Kind.MISSING
        if held.version < claim.version:
            return Kind.OUTDATED
        is_other = held.name == file.name and held.sha256 != sha256
        return Kind.CHANGED if is_other and not claim.dated and not ledger.has_later_copy(file) else None

    def _held_now(self, document_id: str) -> Held | None:
        document = self._index.get(document_id)
        if document is None:
            return None
        source = document.source["provenance"]
        name = archive.filed_name(source["key"])
        return Held(document.id, document.version, name, source["sha256"], source["indexed"])

    def _partial(self, ledger: Ledger) -> Iterator[Problem]:
        """Refused files, some of whose articles are said to be in the index."""
        prefix = f"{keys.QUARANTINE}{Reason.PARTIAL}/"
        for pair in pairs(self._bucket.list(prefix), keys.REASON_SUFFIX):
            refused = Refused(*pair)
            record = read_record(self._bucket, refused)
            lost = tuple(
                each
                for each in (record.documents if record is not None else ())
                if ledger.held(each) is None and self._held_now(each) is None
            )
            if lost and refused.file is not None:
                yield Problem(Kind.MISSING, refused.key, "not in the index", lost)

    def _without_file(self, ledger: Ledger) -> Iterator[Problem]:
        days = archive.days(self._bucket)
        for held in ledger.documents_without_file():
            # Whoever removes old files from the archive does so from its far end.
            if days and held.indexed[:10] < days[0].isoformat():
                self.counts["expired"] += 1
            elif self.counts[Kind.NO_FILE] >= _LIVE_CHECKS or not self._is_moving(held):
                detail = "no file of this name waits, was refused, or is in the archive"
                yield Problem(Kind.NO_FILE, held.name, detail, (held.id,))

    def _is_moving(self, held: Held) -> bool:
        """Whether the document has changed, or its file come to its place, since both were listed."""
        if self._held_now(held.id) != held:
            return True
        for name in keys.readings(held.name):
            key = keys.LIVE + name
            places = [prefix + name for prefix in keys.LANES.values()]
            places += [keys.quarantine_key(key, reason) for reason in Reason]
            if any(map(self._bucket.stat, places)) or archive.last_copy(self._bucket, key):
                return True
        return False


def _batches(files: Iterator[File]) -> Iterator[list[File]]:
    batch: list[File] = []
    size = 0
    for file in files:
        if batch and (len(batch) == _BATCH_FILES or size + file.size > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += file.size
    if batch:
        yield batch
