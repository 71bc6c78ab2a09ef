"""What would become of one file, without a bucket or an index."""

import contextlib
import hashlib
import itertools
import os
from datetime import UTC, datetime
from typing import Any, BinaryIO

from services.bucket import keys
from services.enrich.formats.records import Sequence, sequence
from services.enrich.formats.unpack import packing
from services.enrich.limits import Limits
from services.enrich.pipeline import FileResult, Tools, process, signature
from services.enrich.settle import as_a_whole
from services.enrich.slices import Given, named, work
from services.enrich.worker import PACKED, documents, documents_of
from services.errors import ArticleRejected, Reason
from services.ingest.progress import Progress
from services.models import RawFile
from services.settings import Settings


def dry_run(path: bytes, settings: Settings, tools: Tools, records: int | None = None) -> dict[str, Any]:
    """The record that ``copydesk inspect`` prints for the file at ``path``.

    Args:
        path: of the file.
        settings: its limits, and from which size on files are worked through in slices.
        tools: what finds names and places.
        records: how many records of a file in slices are looked at; all of them without it.

    """
    name = keys.printable(keys.decode(path))
    found: dict[str, Any] = {
        "file": name,
        "outcome": "indexed",
        "reason": None,
        "detail": None,
        "articles": [],
    }
    with open(path, "rb") as file:  # noqa: PTH123  # names as bytes
        status = os.fstat(file.fileno())
        modified = datetime.fromtimestamp(status.st_mtime, UTC)
        if (cutting := _cutting(file, status.st_size, settings)) is not None:
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            return found | _in_slices(cutting, name, modified, sha256, settings, tools, records)
        if status.st_size > settings.max_file_bytes:
            detail = f"{status.st_size:,} bytes; the limit is {settings.max_file_bytes:,}"
            return found | {"outcome": "quarantined", "reason": Reason.TOO_LARGE, "detail": detail}
        file.seek(0)
        raw = RawFile(key=name, data=file.read(), modified=modified)
    limits = Limits.of(settings, expendable=may_take_long(status.st_size, settings))
    result = process(raw, tools, limits)
    indexed = documents(raw, result, signature(tools))
    articles = [document.source for document in indexed[: len(result.articles)]]
    rejected = result.rejected or (as_a_whole(result.refusals, len(articles)) if result.refusals else None)
    if result.ignored is not None:
        return found | {"outcome": "ignored", "detail": result.ignored}
    if rejected is not None:
        found |= {"outcome": "quarantined", "reason": rejected.reason, "detail": rejected.detail}
    return found | {"articles": articles, "format": result.format}


def may_take_long(size: int, settings: Settings) -> bool:
    """Whether a file of so many bytes may be worked through in slices, with a limit for each record."""
    return size * PACKED > settings.slice_above_bytes


def _cutting(file: BinaryIO, size: int, settings: Settings) -> Sequence | None:
    """How a worker would cut the file up, if it would."""
    packed = packing(file.read(16)) is not None
    if size * (PACKED if packed else 1) <= settings.slice_above_bytes:
        return None
    file.seek(0)
    with contextlib.suppress(ArticleRejected):  # as a whole it is refused for the same
        return sequence(file, settings.max_sliced_bytes)
    return None


def _in_slices(
    cutting: Sequence,
    name: str,
    modified: datetime,
    sha256: str,
    settings: Settings,
    tools: Tools,
    most: int | None,
) -> dict[str, Any]:
    """What becomes of the records, one after the other. As many articles are shown as could be held."""
    progress = Progress(name=name, etag="", sha256=sha256)
    limits = Limits.of(settings, expendable=True)
    articles: list[dict[str, Any]] = []
    size = 0
    for record in itertools.islice(cutting.sound(), most):
        given = Given(record, RawFile(name, record.data, modified), cutting.format, progress.items)
        result = work(given, tools, limits) if record.refused is None else FileResult(rejected=record.refused)
        refusals = named(result, record, cutting.unit)
        made = documents_of(name, modified, sha256, result, signature(tools))[: len(result.articles)]
        size += len(record.data)
        if size <= settings.max_file_bytes:
            articles += [document.source for document in made]
        progress = progress.after(
            position=record.end,
            records=record.number,
            items=len(result.articles) + len(refusals),
            documents=[document.id for document in made],
            refusals=refusals,
            ignored=result.ignored,
        )
    found: dict[str, Any] = {"outcome": "indexed", "articles": articles, "format": cutting.format}
    if (verdict := progress.verdict()) is not None:
        found |= {"outcome": "quarantined", "reason": verdict.reason, "detail": verdict.detail}
    elif not progress.articles:
        return {"outcome": "ignored", "detail": progress.ignored or "no article in the file"}
    if len(articles) < progress.articles:
        shown = f"{len(articles):,} of {progress.articles:,} articles are shown"
        found["detail"] = f"{found['detail']}; {shown}" if "detail" in found else shown
    return found
