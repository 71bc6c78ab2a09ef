"""Out of quarantine again: back into the lane for another try, or away for good.

Every step can be repeated. A crash between two of them leaves at most a record without its file,
which the next call on it takes away.
"""

import contextlib

from services.bucket import Bucket, Entry, Gone
from services.ingest.evidence import Evidence
from services.ingest.refused import Refused, dropped_key, read_record


def replay(bucket: Bucket, evidence: Evidence, refused: Refused) -> str | None:
    """Move a refused file back to where it was dropped, with nothing held against it.

    Returns:
        The key it waits under now, marked apart when another file waits under its own; ``None`` when
        there was no file left to move.

    Raises:
        Changed: somebody wrote the file anew meanwhile; it stays where it is.

    """
    record = read_record(bucket, refused)
    key = dropped_key(refused, record)
    where = None
    if refused.file is not None:
        target = bucket.vacant(refused.file, key)
        evidence.clear({key, target})
        with contextlib.suppress(Gone):  # another replay was quicker, and takes the record away
            where = bucket.move(refused.file, target)
    if where is not None or (refused.file is None and _is_left_over(evidence, key)):
        _take_away(bucket, refused.record)
    return where


def drop(bucket: Bucket, evidence: Evidence, refused: Refused) -> bool:
    """Delete a refused file and then its record, for good; whether there was a file."""
    if refused.file is not None:
        _take_away(bucket, refused.file)
    elif not _is_left_over(evidence, dropped_key(refused, read_record(bucket, refused))):
        return False
    _take_away(bucket, refused.record)
    return refused.file is not None


def _is_left_over(evidence: Evidence, key: str) -> bool:
    """Whether a record without a file is what a crash has left.

    A file is being refused right now, and its record written first, only while it is in work or suspect.
    """
    in_work = any(key in marker.names for marker in evidence.markers())
    return not in_work and evidence.suspect(key) is None


def _take_away(bucket: Bucket, entry: Entry | None) -> None:
    """Delete exactly what was listed: the same key may have been refused again since."""
    if entry is not None and (now := bucket.stat(entry.key)) is not None and now.etag == entry.etag:
        bucket.delete(entry.key)
