"""Where a dropped file is, and how all of them stand; read from bucket and index, which are the truth."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.bucket import Bucket, keys
from services.errors import Reason
from services.index import Index

_DAYS = 31


def overview(bucket: Bucket, index: Index) -> dict[str, Any]:
    """Counts: waiting per lane, quarantined per reason, documents in the index."""
    found: dict[str, Any] = {
        f"waiting ({lane})": sum(1 for _ in bucket.list(prefix)) for lane, prefix in keys.LANES.items()
    }
    refused = Counter(
        entry.key.split("/")[1]
        for entry in bucket.list(keys.QUARANTINE)
        if not entry.key.endswith(keys.REASON_SUFFIX)
    )
    found |= {f"quarantined ({reason})": number for reason, number in sorted(refused.items())}
    found["documents"] = index.count()
    return found


def whereabouts(bucket: Bucket, index: Index, name: str) -> dict[str, Any]:
    """Everything known of one file, by the name it was dropped under, with or without its lane.

    ``state`` is ``waiting``, ``indexed``, ``ignored``, ``quarantined`` or ``unknown``. A file that
    was dropped again stands where its last copy is.
    """
    name = keys.relative(name)
    for lane, prefix in keys.LANES.items():
        if entry := bucket.stat(prefix + name):
            return {"state": "waiting", "lane": lane, "where": entry.key, "since": entry.modified.isoformat()}
    refused = [_quarantined(bucket, name, reason) for reason in Reason]
    processed = _processed(bucket, name)
    states = sorted(
        (state for state in [*refused, processed] if state), key=lambda state: str(state["at"]), reverse=True
    )
    documents = [found.id for found in index.by_key(keys.printable(name))]
    if states:
        return {**states[0], "documents": documents}
    if documents:
        return {"state": "indexed", "where": f"more than {_DAYS} days ago", "documents": documents}
    return {"state": "unknown", "detail": f"no file {keys.printable(name)} waits, was refused or is indexed"}


def _quarantined(bucket: Bucket, name: str, reason: Reason) -> dict[str, Any] | None:
    key = keys.quarantine_key(name, reason)
    if bucket.stat(key) is None:
        return None
    record = json.loads(bucket.read(key + keys.REASON_SUFFIX)[1])
    fields = ("reason", "detail", "remedy", "attempts", "at")
    return {"state": "quarantined", "where": key} | {field: record.get(field) for field in fields}


def _processed(bucket: Bucket, name: str) -> dict[str, Any] | None:
    today = datetime.now(UTC).date()
    for back in range(_DAYS):
        key = keys.processed_key(name, date.fromordinal(today.toordinal()) - timedelta(days=back))
        if entry := bucket.stat(key):
            found: dict[str, Any] = {"state": "indexed", "where": key, "at": entry.modified.isoformat()}
            if bucket.stat(key + keys.IGNORED_SUFFIX):
                found |= json.loads(bucket.read(key + keys.IGNORED_SUFFIX)[1]) | {"state": "ignored"}
            return found
    return None
