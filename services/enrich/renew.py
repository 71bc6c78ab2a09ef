"""Documents made anew, for a reindex: from the stored articles, or from the files they came from."""

import functools
import os
from collections.abc import Iterator
from datetime import UTC, datetime

from services.bucket import Bucket, Gone, TooLarge, keys, open_bucket
from services.enrich.limits import Limits
from services.enrich.pipeline import Tools, enrich, process, signature
from services.enrich.pool import Lost, imap
from services.enrich.worker import documents
from services.index.document import Document, to_article, to_document
from services.ingest import archive
from services.ingest.pairs import pairs
from services.models import Provenance, RawFile
from services.settings import Settings
from services.telemetry import log

_LOG = log(__name__)


class Renewal:
    """Work on many documents in child processes; what fails there is kept as it was."""

    def __init__(self, settings: Settings, tools: Tools, jobs: int) -> None:
        self._settings = settings
        self._tools = tools
        self._jobs = jobs
        self._signature = signature(tools)
        self._refilled: set[str] = set()  # hashes of the files whose articles were all made anew

    def enriched(self, stored: Iterator[Document]) -> Iterator[Document]:
        """Every document with what the enrichers of this release find in its article."""
        seconds = self._settings.file_seconds
        for document, result in imap(self._enriched, stored, jobs=self._jobs, seconds=seconds):
            if isinstance(result, Lost):
                _LOG.warning("kept as it was", id=document.id, cause=result.detail)
            yield document if isinstance(result, Lost) else result

    def outdated(self, stored: Iterator[Document]) -> Iterator[Document]:
        """The same, for those that another release or model has made."""
        for document in stored:
            is_ours = document.source["provenance"]["pipeline"] == self._signature
            yield document if is_ours else self._enriched(document)

    def refilled(self) -> Iterator[Document]:
        """Documents of every processed file, through the whole pipeline."""
        bucket = open_bucket(self._settings)
        found = (
            file.key
            for file, note in pairs(bucket.list(keys.PROCESSED), keys.IGNORED_SUFFIX)
            if file is not None and note is None and file.key.count("/") > 3
            # Whose name was cut cannot be known by it: its articles are copied.
            if not archive.is_cut(file.key)
        )
        seconds = self._settings.file_seconds + 5
        for key, result in imap(self._of_file, found, jobs=self._jobs, seconds=seconds):
            if isinstance(result, Lost) or result is None:
                _LOG.warning("its stored articles are kept", key=keys.printable(key))
                continue
            sha256, made = result
            self._refilled.add(sha256)
            yield from made

    def enriched_if_not_refilled(self, stored: Iterator[Document]) -> Iterator[Document]:
        """Documents whose files were not gone through, enriched; the others are there already."""
        return self.enriched(
            each for each in stored if each.source["provenance"]["sha256"] not in self._refilled
        )

    def _enriched(self, document: Document) -> Document:
        try:
            known = Provenance.model_validate(document.source["provenance"])
            article = enrich(to_article(document.source), self._tools, known.key)
            provenance = known.model_copy(update={"pipeline": self._signature, "indexed": datetime.now(UTC)})
            return Document(document.id, document.version, to_document(article, provenance).source)
        except Exception as error:  # noqa: BLE001  # one bad article must not stop its neighbours
            _LOG.warning("kept as it was", id=document.id, cause=str(error))
            return document

    def _of_file(self, key: str) -> tuple[str, tuple[Document, ...]] | None:
        """The hash of a file and its documents; ``None`` when not all of it can be read any more."""
        try:
            entry, data = _bucket(os.getpid(), self._settings).read(key, limit=self._settings.max_file_bytes)
        except (Gone, TooLarge):
            return None
        name = keys.printable(archive.name_of(key))
        raw = RawFile(key=name, data=data, modified=entry.modified)
        result = process(raw, self._tools, Limits(self._settings.file_seconds))
        if result.rejected is not None or result.refusals or not result.articles:
            return None
        return raw.sha256, documents(raw, result, self._signature)


@functools.cache
def _bucket(_pid: int, settings: Settings) -> Bucket:
    # Connections must not be shared across a fork: each child opens its own.
    return open_bucket(settings)
