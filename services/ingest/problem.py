"""What does not agree between bucket and index."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What does not agree."""

    MISSING = "missing"  # a file's article is not in the index
    OUTDATED = "outdated"  # the index has an older version of it
    CHANGED = "changed"  # the file's bytes are not those that were indexed
    UNDECIDED = "undecided"  # what the file stands for cannot be told here
    NO_FILE = "no_file"  # a document's file is in no place of the bucket
    NO_RECORD = "no_record"  # a refused file without the record that says why
    LEFT_RECORD = "left_record"  # a record whose file is gone
    LEFT_BYTES = "left_bytes"  # written or moved by a process that died in the middle of it
    DEAD_WORKER = "dead_worker"  # the marker of one, which ingest has not dealt with yet


#: What a repair can drive anew, and what else means that something is missing.
REPAIRABLE = frozenset({Kind.MISSING, Kind.OUTDATED, Kind.CHANGED})
SERIOUS = REPAIRABLE | {Kind.UNDECIDED, Kind.NO_FILE}


@dataclass(frozen=True)
class Problem:
    """One thing that does not agree; ``key`` is where it stands in the bucket, or a document's own."""

    kind: Kind
    key: str
    detail: str
    documents: tuple[str, ...] = ()
