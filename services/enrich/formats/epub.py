"""EPUB 2 and 3: the book's documents in the order of its spine, as one article."""

import posixpath
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote

from services.enrich.formats.archive import Budget, opened_zip, zip_member
from services.enrich.formats.dates import parse_date
from services.enrich.formats.markup import blocks_of
from services.enrich.formats.xml import Element, attribute, every, find, read_xml, text_of
from services.errors import ArticleRejected, Reason
from services.models import Article, Block, RawFile


def parse(raw: RawFile) -> Iterator[Article]:
    """One article a book."""
    budget = Budget()
    archive = opened_zip(raw.data)
    with archive:
        if "META-INF/encryption.xml" in archive.namelist() and "META-INF/rights.xml" in archive.namelist():
            raise ArticleRejected(Reason.ENCRYPTED, "the book is protected")
        container = _document(archive, "META-INF/container.xml", budget)
        path = attribute(find(container, "rootfile"), "full-path") or ""
        package = _document(archive, path, budget)
        if package is None:
            raise ArticleRejected(Reason.SCHEMA, "no package document; expected an EPUB")
        blocks = tuple(_blocks(archive, package, posixpath.dirname(path), budget))
    authors = tuple(name for name in map(text_of, every(package, "creator")) if name)
    yield Article(
        uid=text_of(find(package, "identifier")) or "",
        headline=text_of(find(package, "title")),
        byline=", ".join(authors) or None,
        published=parse_date(text_of(find(package, "date"))),
        language=text_of(find(package, "language")),
        source=text_of(find(package, "publisher")),
        copyright=text_of(find(package, "rights")),
        standfirst=text_of(find(package, "description")),
        keywords=tuple(word for word in map(text_of, every(package, "subject")) if word),
        blocks=blocks,
    )


def _blocks(archive: zipfile.ZipFile, package: Element, folder: str, budget: Budget) -> Iterator[Block]:
    files = {attribute(item, "id"): item for item in every(package, "item")}
    for reference in every(package, "itemref"):
        item = files.pop(attribute(reference, "idref"), None)  # a document stands once in a book
        if item is None or "nav" in (attribute(item, "properties") or "").split():
            continue
        path = posixpath.normpath(posixpath.join(folder, unquote(attribute(item, "href") or "")))
        document = _document(archive, path, budget)
        body = find(document, "body")
        if body is not None:
            yield from blocks_of(body)


def _document(archive: zipfile.ZipFile, path: str, budget: Budget) -> Element | None:
    try:
        entry = archive.getinfo(path)
    except KeyError:
        return None
    return read_xml(zip_member(archive, entry, budget), lenient=True).root
