"""What would become of one file, without a bucket or an index."""

import itertools
import os
import time
from datetime import UTC, datetime
from typing import Any

from services.bucket import keys
from services.enrich.formats.records import sequence
from services.enrich.pipeline import FileResult, Tools, process, signature
from services.enrich.settle import as_a_whole
from services.enrich.slices import Given, named, work
from services.enrich.worker import documents
from services.errors import ArticleRejected, Reason
from services.models import RawFile, Refusal
from services.settings import Settings

_MOST_RECORDS = 100  # looked at of a file that is too large to be held


def dry_run(path: bytes, settings: Settings, tools: Tools) -> dict[str, Any]:
    """The record that ``copydesk inspect`` prints for the file at ``path``."""
    name = keys.printable(keys.decode(path))
    size = os.stat(path).st_size  # noqa: PTH116  # names as bytes
    found: dict[str, Any] = {
        "file": name,
        "outcome": "indexed",
        "reason": None,
        "detail": None,
        "articles": [],
    }
    if size > settings.max_file_bytes:
        return found | _beginning(path, name, size, settings, tools)
    with open(path, "rb") as file:  # noqa: PTH123
        modified = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
        raw = RawFile(key=name, data=file.read(), modified=modified)
    result = process(raw, tools, seconds=settings.file_seconds)
    indexed = documents(raw, result, signature(tools))
    articles = [document.source for document in indexed[: len(result.articles)]]
    rejected = result.rejected or (as_a_whole(result.refusals, len(articles)) if result.refusals else None)
    if result.ignored is not None:
        return found | {"outcome": "ignored", "detail": result.ignored}
    if rejected is not None:
        found |= {"outcome": "quarantined", "reason": rejected.reason, "detail": rejected.detail}
    return found | {"articles": articles, "format": result.format}


def _beginning(path: bytes, name: str, size: int, settings: Settings, tools: Tools) -> dict[str, Any]:
    """What becomes of the first records of a file that a worker would work through in slices."""
    articles: list[dict[str, Any]] = []
    refusals: list[Refusal] = []
    latest = time.monotonic() + settings.file_seconds / 2
    records = 0
    with open(path, "rb") as file:  # noqa: PTH123
        modified = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
        try:
            cutting = sequence(file, settings.max_sliced_bytes)
        except ArticleRejected as rejected:
            return {"outcome": "quarantined", "reason": rejected.reason, "detail": rejected.detail}
        if cutting is None:
            detail = f"{size:,} bytes; the limit is {settings.max_file_bytes:,}"
            return {"outcome": "quarantined", "reason": Reason.TOO_LARGE, "detail": detail}
        for record in itertools.islice(cutting.records(), _MOST_RECORDS):
            raw = RawFile(key=name, data=record.data, modified=modified)
            given = Given(record, raw, cutting.format, len(articles) + len(refusals))
            result = (
                FileResult(rejected=record.refused)
                if record.refused is not None
                else work(given, tools, seconds=settings.file_seconds / 4)
            )
            refusals += named(result, record, cutting.unit)
            articles += [each.source for each in documents(raw, result, signature(tools))]
            records += 1
            if time.monotonic() > latest:
                break
    found: dict[str, Any] = {"outcome": "indexed", "articles": articles, "format": cutting.format}
    detail = f"of the first {records} records, all that is looked at of so large a file"
    if refusals:
        as_whole = as_a_whole(refusals, len(articles))
        detail = f"{detail}: {as_whole.detail}"
        found |= {"outcome": "quarantined", "reason": as_whole.reason}
    return found | {"detail": detail}
