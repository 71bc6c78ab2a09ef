"""Where a dropped file is and what became of it; read from bucket and index, which are the truth."""

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

from services.bucket import Bucket, Denied, Entry, Gone, TooLarge, keys
from services.errors import Reason
from services.index import Index
from services.ingest import archive
from services.ingest.claims import Claims
from services.ingest.evidence import Evidence
from services.ingest.progress import ProgressRecords
from services.ingest.refused import Refused, read_record
from services.models import RawFile

Facts = dict[str, Any]

#: The most that is read of a file to say what it was superseded by.
_MOST_BYTES = 100_000_000


def whereabouts(bucket: Bucket, index: Index | None, name: str, claims: Claims | None = None) -> Facts:
    """Everything known of one file, by the name it was dropped under, with or without its lane.

    ``state`` is ``waiting``, ``in_work``, ``indexed``, ``ignored``, ``superseded``, ``missing``,
    ``quarantined`` or ``unknown``. A file that was dropped again stands where its last copy is.

    Args:
        bucket: where files are.
        index: without it the answer is the bucket's alone, and ``documents`` is ``None``.
        name: as dropped; escapes for bytes that are not UTF-8 may stand as they are printed.
        claims: tells which documents a file without any of its own stands for.

    """
    readings = [keys.relative(reading) for reading in keys.readings(name)]
    found = next((facts for each in readings if (facts := _in_bucket(bucket, each))), None)
    name = found.pop("name") if found else readings[0]
    known = index.by_key(keys.printable(name)) if index is not None else None
    if index is not None and not known and found and found["state"] == "indexed":
        index.refresh()  # it may have been indexed this very second
        known = index.by_key(keys.printable(name))
    documents = [document.id for document in known] if known is not None else None
    if known and (found is None or found["state"] == "indexed"):
        at = max(str(document.source["provenance"]["indexed"]) for document in known)
        found = {"state": "indexed", **(found or {}), "at": at}
    if found is None:
        detail = f"no file {keys.shown(name)} waits, was refused or is indexed"
        return {"state": "unknown", "key": keys.printable(name), "detail": detail, "documents": documents}
    found = {"state": found.pop("state"), "key": keys.printable(name), "documents": documents} | found
    if index is not None and found["state"] == "indexed" and not documents:
        found |= _superseded(bucket, index, name, found["where"], claims)
    if "where" in found:
        found["where"] = keys.printable(found["where"])
    return found


def _in_bucket(bucket: Bucket, name: str) -> Facts | None:
    for lane, prefix in keys.LANES.items():
        if entry := bucket.stat(prefix + name):
            return {"name": name, "lane": lane} | _waiting(bucket, entry)
    key = keys.LIVE + name  # lanes make no difference to where a file goes
    ends = [*_refused(bucket, key), *_processed(bucket, key)]
    return {"name": name} | max(ends, key=lambda end: datetime.fromisoformat(end["at"])) if ends else None


def _waiting(bucket: Bucket, entry: Entry) -> Facts:
    evidence = Evidence(bucket)
    found: Facts = {"state": "waiting", "where": entry.key, "since": entry.modified.isoformat()}
    for marker in evidence.markers():
        if entry.key in marker.names and not marker.left_behind:
            found |= {"state": "in_work", "worker": f"process {marker.pid} on {marker.host.split('/')[0]}"}
    if progress := ProgressRecords(bucket).read(entry.key, entry.etag):
        found |= {"state": "in_work", "progress": progress.said(), "records_done": progress.records}
    suspect = evidence.suspect(entry.key)
    if suspect is None or suspect.etag != entry.etag:
        try:
            bucket.start(entry.key, 1)
        except Denied as error:
            found |= {"detail": str(error)}
        except Gone:
            pass  # a moment ago
        return found | {"attempts": 0}
    found |= {"attempts": suspect.attempts}
    if suspect.failures:
        last = suspect.failures[-1]
        found |= {"reason": last.reason.value, "detail": last.detail, "failed_at": last.at}
    return found


def _refused(bucket: Bucket, key: str) -> list[Facts]:
    found = []
    for reason in Reason:
        for copy in archive.copies(bucket, keys.quarantine_key(key, reason)):
            refused = Refused(copy, bucket.stat(copy.key + keys.REASON_SUFFIX))
            record = read_record(bucket, refused)
            facts: Facts = {"state": "quarantined", "where": copy.key, "reason": reason.value}
            if record is not None:
                facts |= {"detail": record.detail, "remedy": record.remedy, "attempts": record.attempts}
            at = record.at if record is not None else refused.at
            found.append(facts | {"at": at.astimezone(UTC).isoformat()})
    return found


def _processed(bucket: Bucket, key: str) -> list[Facts]:
    copy = archive.last_copy(bucket, key)
    if copy is None:
        return []
    day, entry = copy
    found: Facts = {"state": "indexed", "where": entry.key}
    found["at"] = archive.settled_at(day, entry).isoformat()
    if bucket.stat(entry.key + keys.IGNORED_SUFFIX):
        with contextlib.suppress(Gone, ValueError, KeyError):
            note = json.loads(bucket.read(entry.key + keys.IGNORED_SUFFIX)[1])
            found |= {"state": "ignored", "detail": note["ignored"], "at": note["at"]}
    return [found]


def _superseded(bucket: Bucket, index: Index, name: str, where: str, claims: Claims | None) -> Facts:
    """What the articles of an indexed file without documents of its own have become."""
    newer = "the index holds its articles from other files, in the same or a newer version"
    if claims is None:
        return {"state": "superseded", "detail": newer}
    try:
        entry, data = bucket.read(where, limit=_MOST_BYTES)
    except (Gone, TooLarge):
        return {"state": "superseded", "detail": newer}
    claimed = claims(RawFile(key=keys.printable(name), data=data, modified=entry.modified))
    held = {claim.id: index.get(claim.id) for claim in claimed}
    found = [document for document in held.values() if document is not None]
    if len(found) < len(held):
        lost = [document_id for document_id, document in held.items() if document is None]
        detail = f"not in the index: {', '.join(lost)}; `copydesk reconcile --repair` brings them back"
        return {"state": "missing", "detail": detail, "documents": [document.id for document in found]}
    sources = sorted({str(document.source["provenance"]["key"]) for document in found})
    return {
        "state": "superseded",
        "detail": newer,
        "documents": [document.id for document in found],
        "superseded_by": sources,
    }
