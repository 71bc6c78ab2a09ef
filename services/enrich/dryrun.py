"""What would become of one file, without a bucket or an index."""

import os
from datetime import UTC, datetime
from typing import Any

from services.bucket import keys
from services.enrich.pipeline import Tools, process, signature
from services.enrich.settle import as_a_whole
from services.enrich.worker import documents
from services.models import RawFile
from services.settings import Settings


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
        detail = f"{size:,} bytes; the limit is {settings.max_file_bytes:,}"
        return found | {"outcome": "quarantined", "reason": "too_large", "detail": detail}
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
