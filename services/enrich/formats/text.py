"""Plain text and page dumps: a story as typed, as copied from a page, or as a reader service wrote it."""

from collections.abc import Iterator

from services.enrich.clean.text import clean_dump
from services.enrich.formats import reader
from services.enrich.formats.dates import parse_date
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
    fields, text = reader.parted(text)
    refuse_text(text)
    title = fields.get("Title")
    page = clean_dump(f"{title}\n\n{text}" if title else text)  # other dumps begin with the page's title too
    refuse_page(page.blocks, page.headline)
    article = from_page(page, url=fields.get("URL Source"))
    stated = parse_date(fields.get("Published Time", ""))
    return article.model_copy(
        update={"published": stated or article.published, "headline": article.headline or title}
    )
