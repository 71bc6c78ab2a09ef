"""Settling a file: out of the lane, to where a person finds it, its bytes untouched."""

import json
from datetime import UTC, datetime

from services.bucket import Bucket, Entry, keys
from services.errors import REMEDIES
from services.ingest.evidence import Evidence, Suspect
from services.ingest.progress import ProgressRecords
from services.models import QuarantineRecord


def quarantine(bucket: Bucket, entry: Entry, record: QuarantineRecord) -> str:
    """Move a refused file to ``quarantine/REASON/`` with its reason beside it; return the new key.

    The record is written first: a file never stands in quarantine without its reason.
    """
    said = (record.model_dump_json(indent=1) + "\n").encode()
    return _with_a_note(
        bucket, entry, keys.quarantine_key(entry.key, record.reason), keys.REASON_SUFFIX, said
    )


def refuse_suspect(bucket: Bucket, evidence: Evidence, suspect: Suspect) -> str | None:
    """Quarantine a file that has failed as often as it may; ``None`` when it is no longer there."""
    entry = bucket.stat(suspect.name)
    if entry is None or entry.etag != suspect.etag:
        evidence.clear([suspect.name])
        return None
    last = suspect.failures[-1]
    done = ProgressRecords(bucket).read(suspect.name, suspect.etag)
    record = QuarantineRecord(
        key=keys.printable(suspect.name),
        reason=last.reason,
        detail=last.detail if done is None else f"{last.detail}; {done.said()} before",
        remedy=REMEDIES[last.reason],
        attempts=suspect.attempts,
        sha256=done.sha256 if done is not None else None,
        refusals=done.refusals if done is not None else (),
        documents=done.documents if done is not None else (),
        indexed=done.articles if done is not None else None,
        refused=done.refusal_count if done is not None else None,
        at=datetime.now(UTC),
        traceback=next(
            (failure.traceback for failure in reversed(suspect.failures) if failure.traceback), None
        ),
    )
    where = quarantine(bucket, entry, record)
    evidence.clear([suspect.name])
    ProgressRecords(bucket).clear(suspect.name)
    return where


def ignore(bucket: Bucket, entry: Entry, why: str) -> str:
    """Move a sound file without an article to ``processed/YYYY/MM/DD/``, and say why beside it."""
    now = datetime.now(UTC)
    note = {"key": keys.printable(entry.key), "ignored": why, "at": now.isoformat()}
    to = keys.processed_key(entry.key, now.date())
    return _with_a_note(bucket, entry, to, keys.IGNORED_SUFFIX, json.dumps(note, indent=1).encode() + b"\n")


def _with_a_note(bucket: Bucket, entry: Entry, to: str, suffix: str, note: bytes) -> str:
    """Write the note, move the file to beside it, and return where it went."""
    target = bucket.vacant(entry, to)
    bucket.put(target + suffix, note)
    where = bucket.move(entry, target)
    if where != target:  # another file of this name came there in between
        bucket.put(where + suffix, note)
    return where
