"""Refused files, as a person looks for them: by reason, by name, by age; one after the other."""

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from services.bucket import Bucket, Entry, Gone, keys
from services.errors import Reason
from services.ingest.pairs import pairs
from services.models import QuarantineRecord


@dataclass(frozen=True)
class Refused:
    """A file in quarantine and the record beside it; a crash may have left one without the other."""

    file: Entry | None
    record: Entry | None

    @property
    def key(self) -> str:
        """Where the file stands."""
        if self.file is not None:
            return self.file.key
        assert self.record is not None
        return self.record.key.removesuffix(keys.REASON_SUFFIX)

    @property
    def reason(self) -> str:
        """The folder it stands in."""
        return self.key.split("/")[1]

    @property
    def name(self) -> str:
        """Its name within the reason's folder: as it was dropped, unless that had to be cut or marked."""
        return self.key.removeprefix(f"{keys.QUARANTINE}{self.reason}/")

    @property
    def at(self) -> datetime:
        """When it was refused, by the store's clock."""
        entry = self.record or self.file
        assert entry is not None
        return entry.modified


@dataclass(frozen=True)
class Selection:
    """Which refused files are meant: those that every given condition holds for."""

    reasons: tuple[Reason, ...] = ()
    names: tuple[str, ...] = ()  # keys as dropped or as they stand, printed or not, with * ? and [ ]
    before: datetime | None = None
    after: datetime | None = None

    def find(self, bucket: Bucket) -> Iterator[Refused]:
        """The files, in the order of their keys."""
        for reason in self.reasons or ("",):
            prefix = f"{keys.QUARANTINE}{reason}/" if reason else keys.QUARANTINE
            for pair in pairs(bucket.list(prefix), keys.REASON_SUFFIX):
                refused = Refused(*pair)
                if self._is_of_age(refused) and (not self.names or self._is_named(bucket, refused)):
                    yield refused

    def _is_of_age(self, refused: Refused) -> bool:
        return (self.before is None or refused.at < self.before) and (
            self.after is None or refused.at >= self.after
        )

    def _is_named(self, bucket: Bucket, refused: Refused) -> bool:
        return any(
            _is_called(bucket, refused, reading) for text in self.names for reading in keys.readings(text)
        )


def _is_called(bucket: Bucket, refused: Refused, pattern: str) -> bool:
    if _fits(refused.key, pattern):
        return True
    name = keys.relative(pattern)
    of_cut = keys.quarantine_key(name, Reason.ERROR).removeprefix(f"{keys.QUARANTINE}{Reason.ERROR}/")
    called = {refused.name, keys.without_mark(refused.name)}
    if of_cut not in called and not any(_fits(each, name) for each in called):
        return False
    if name == pattern:
        return True
    record = read_record(bucket, refused)  # the pattern names a lane, and only the record knows it
    return record is None or _fits(record.key, keys.printable(pattern))


def _fits(name: str, pattern: str) -> bool:
    return name == pattern or fnmatch.fnmatchcase(name, pattern)


def read_record(bucket: Bucket, refused: Refused) -> QuarantineRecord | None:
    """What the record says; ``None`` when there is none, or none that can be read."""
    if refused.record is None:
        return None
    try:
        return QuarantineRecord.model_validate_json(bucket.read(refused.record.key)[1])
    except (Gone, ValidationError):
        return None


def dropped_key(refused: Refused, record: QuarantineRecord | None) -> str:
    """The very key that the file was dropped under.

    The record has it in print only. Of the keys that print so, it is the one that would be refused
    to where this file stands.
    """
    if record is None:
        return keys.LIVE + keys.without_mark(refused.name)
    readings = keys.readings(record.key)
    stands = {refused.key, keys.without_mark(refused.key)}
    for reading in readings:
        if keys.quarantine_key(reading, record.reason) in stands:
            return reading
    return readings[0]
