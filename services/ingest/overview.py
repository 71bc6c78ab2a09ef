"""How all files of a bucket stand, counted."""

from collections import Counter
from typing import Any

from services.bucket import Bucket, keys
from services.ingest.evidence import Evidence


def overview(bucket: Bucket) -> dict[str, Any]:
    """Counts: waiting in each lane, of those in work and suspect, and refused for each reason."""
    evidence = Evidence(bucket)
    waiting = {lane: sum(1 for _ in bucket.list(prefix)) for lane, prefix in keys.LANES.items()}
    in_work = {name for marker in evidence.markers() if not marker.left_behind for name in marker.names}
    refused = Counter(
        entry.key.split("/")[1]
        for entry in bucket.list(keys.QUARANTINE)
        if not entry.key.endswith(keys.REASON_SUFFIX)
    )
    return {
        "waiting": waiting,
        "in_work": len(in_work),
        "suspects": len(evidence.suspects()),
        "quarantined": dict(sorted(refused.items())),
    }
