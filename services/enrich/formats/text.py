"""Plain text and page dumps: a story as typed, as copied from a page, or as a reader service wrote it."""

from collections.abc import Iterator

from services.enrich.clean.text import clean_dump
from services.enrich.formats.encoding import decode, harmless
from services.enrich.formats.html import from_page
from services.enrich.formats.refuse import refuse_page, refuse_text
from services.models import Article, RawFile


def parse(raw: RawFile) -> Iterator[Article]:
    """One article a file."""
    yield read(decode(raw.data))


def read(text: str) -> Article:
    """The article in a dump."""
    text = harmless(text.replace("\r\n", "\n").replace("\r", "\n"))
    refuse_text(text)
    page = clean_dump(text)
    refuse_page(page.blocks, page.headline)
    return from_page(page)
