"""What processes that died have left in the bucket, beside the files themselves."""

from collections.abc import Container, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from services.bucket import Bucket, Entry, keys
from services.ingest.evidence import RUNNING, Evidence
from services.ingest.problem import Kind, Problem
from services.ingest.progress import ProgressRecords
from services.ingest.refused import Refused

_OLD = timedelta(minutes=10)


def left_bytes(bucket: Bucket) -> list[Entry]:
    """What is being written at this moment, and what never was to its end."""
    return list(bucket.list(keys.OWN + "tmp/"))


def left_behind(bucket: Bucket, before: Iterable[Entry]) -> Iterator[Problem]:
    """Of ``left_bytes`` from some time ago what still lies there, and markers of dead workers."""
    for entry in before:
        if entry.modified < datetime.now(UTC) - _OLD and bucket.stat(entry.key) == entry:
            detail = f"{entry.size:,} bytes of a process that died; look at them, then delete them"
            yield Problem(Kind.LEFT_BYTES, entry.key, detail)
    for marker in Evidence(bucket).markers():
        if marker.left_behind:
            detail = f"process {marker.pid} died at work on {len(marker.names)} files; ingest sees to it"
            yield Problem(Kind.DEAD_WORKER, f"{RUNNING}{marker.chunk}.json", detail)


def forget_progress(bucket: Bucket, in_work: Container[str]) -> list[str]:
    """Take away how far work had come on files that people have taken away; the names of those.

    ``in_work`` are files whose worker does so itself.
    """
    records = ProgressRecords(bucket)
    gone = [name for name in records.names() if name not in in_work and bucket.stat(name) is None]
    for name in gone:
        records.clear(name)
    return gone


def unpaired_now(bucket: Bucket, before: Iterable[Refused]) -> Iterator[Problem]:
    """Refused files without a record, and records without a file, that are still so."""
    for refused in before:
        file = bucket.stat(refused.key)
        record = bucket.stat(refused.key + keys.REASON_SUFFIX)
        if file is not None and record is None:
            yield Problem(Kind.NO_RECORD, refused.key, "replay it to learn why it was refused")
        elif file is None and record is not None and record.modified < datetime.now(UTC) - _OLD:
            yield Problem(Kind.LEFT_RECORD, refused.key, "its file was replayed or deleted")
