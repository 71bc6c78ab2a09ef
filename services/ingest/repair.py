"""Repair: what is missing is driven through the pipeline once more, from the bytes that are kept."""

import contextlib

from services.bucket import Bucket, Changed, Gone, keys
from services.ingest import archive
from services.ingest.evidence import Evidence
from services.ingest.problem import REPAIRABLE, Kind, Problem
from services.ingest.refused import Refused
from services.ingest.replay import replay


def repair(bucket: Bucket, problem: Problem) -> str | None:
    """Move the file of a problem back into a lane, or clear up; where the file waits now, if it does.

    The low-priority lane: there may be very many, and today's news goes first.
    """
    with contextlib.suppress(Gone, Changed):
        if problem.key.startswith(keys.QUARANTINE) and problem.kind in REPAIRABLE | {Kind.LEFT_RECORD}:
            record = bucket.stat(problem.key + keys.REASON_SUFFIX)
            return replay(bucket, Evidence(bucket), Refused(bucket.stat(problem.key), record))
        entry = bucket.stat(problem.key) if problem.kind in REPAIRABLE else None
        if entry is not None:
            return bucket.move(entry, keys.BACKFILL + archive.name_of(entry.key))
    return None
