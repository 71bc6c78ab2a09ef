"""PDF 1.x and 2.0: the text of the pages, in reading order as far as the file tells it."""

import re
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from services.enrich.formats.archive import Budget
from services.enrich.formats.markup import tidied
from services.errors import ArticleRejected, Reason
from services.models import Article, Block, BlockKind, RawFile

_MAX_PAGES = 2_000
_MAX_CHARACTERS = 5_000_000
_MAX_PAGE_CHARACTERS = 500_000
_LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "ft",
    0xFB06: "st",
}
_TITLE_NOISE = re.compile(
    r"^(?:untitled|microsoft word\b|document\d*|.*\.(?:docx?|pdf|indd|qxd|pages|tex))", re.IGNORECASE
)


def parse(raw: RawFile) -> Iterator[Article]:
    """One article a document."""
    yield read(raw.data)


def read(data: bytes) -> Article:
    """The article in a PDF."""
    import pypdfium2 as pdfium

    if len(data.strip()) < 64:
        raise ArticleRejected(Reason.EMPTY, "a PDF header and nothing else")
    _check_streams(data)
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise _refusal(str(error), data) from None
    try:
        pages = list(_pages(document))
        title = _title(document)
    finally:
        document.close()
    lines = [line for page in pages for line in page]
    if not any(line.strip() for line in lines):
        raise ArticleRejected(
            Reason.NO_TEXT, "the pages hold pictures, no text: it would need character recognition"
        )
    blocks = list(_paragraphs(lines))
    headline = title or (blocks[0].text if blocks and len(blocks[0].text) < 200 and len(blocks) > 1 else None)
    if headline and blocks and _fold(blocks[0].text) == _fold(headline) and len(blocks) > 1:
        blocks[0] = Block(kind=BlockKind.HEADLINE, text=blocks[0].text, kept=False)
    return Article(uid="", headline=headline, blocks=tidied(blocks))


def _check_streams(data: bytes) -> None:
    """Text packed a thousandfold is a bomb. Pictures use other filters, or do not pack like this."""
    budget = Budget(bytes=512 << 20)
    for found in re.finditer(rb"/FlateDecode\b[^>]{0,400}>>\s*stream\r?\n", data):
        engine, pending, total = zlib.decompressobj(), data[found.end() : found.end() + (4 << 20)], 0
        packed = len(pending)
        try:
            while pending and not engine.eof:
                produced = len(engine.decompress(pending, 1 << 20))
                pending = engine.unconsumed_tail
                total += produced
                budget.spend(produced, total, packed - len(pending))
        except zlib.error:
            continue


def _refusal(error: str, data: bytes) -> ArticleRejected:
    if "assword" in error or "ecurity" in error:
        return ArticleRejected(Reason.ENCRYPTED, "the PDF asks for a password")
    if b"%%EOF" not in data[-2048:] and b"startxref" not in data[-2048:]:
        return ArticleRejected(Reason.TRUNCATED, "the PDF ends early")
    return ArticleRejected(Reason.NOT_WELLFORMED, f"damaged PDF: {error}"[:200])


def _pages(document: Any) -> Iterator[list[str]]:
    import pypdfium2 as pdfium

    count = len(document)
    if not count:
        raise ArticleRejected(Reason.NOT_WELLFORMED, "a PDF without pages")
    total = 0
    for number in range(min(count, _MAX_PAGES)):
        try:
            page = document[number]
        except pdfium.PdfiumError:
            if count == 1:
                raise ArticleRejected(Reason.NOT_WELLFORMED, "the PDF's only page cannot be read") from None
            continue
        text_page = page.get_textpage()
        size = text_page.count_chars()
        total += size
        if size > _MAX_PAGE_CHARACTERS or total > _MAX_CHARACTERS:
            raise ArticleRejected(Reason.ARCHIVE_BOMB, f"page {number + 1} unfolds to {size:,} characters")
        text = text_page.get_text_range() if size > 0 else ""
        text_page.close()
        page.close()
        yield text.translate(_LIGATURES).replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _title(document: Any) -> str | None:
    """The title among the properties, when it is one and not the name of a file."""
    title = " ".join((document.get_metadata_dict().get("Title") or "").split())
    return title if len(title) > 5 and not _TITLE_NOISE.match(title) else None


def _paragraphs(lines: list[str]) -> Iterator[Block]:
    """Lines joined to paragraphs: one ends where a line is short, or the next one starts anew."""
    widths = sorted(len(line) for line in lines if len(line.strip()) > 20)
    usual = widths[len(widths) * 3 // 4] if widths else 0
    current = ""
    for line, following in pairwise([*lines, ""]):
        text = line.replace("\ufffe", "-").strip()  # PDFium marks a hyphen at a line's end this way
        if not text:
            if current:
                yield Block(kind=BlockKind.PARAGRAPH, text=current)
            current = ""
            continue
        if current.endswith("-") and text[:1].islower():
            current = current[:-1] + text
        else:
            current = f"{current} {text}".strip()
        starts = following.strip()[:1]
        ended = current[-1:] in '.!?:”"’»…' and len(text) < 0.8 * usual
        if (len(text) < 0.6 * usual and not starts.islower()) or ended:
            yield Block(kind=BlockKind.PARAGRAPH, text=current)
            current = ""
    if current:
        yield Block(kind=BlockKind.PARAGRAPH, text=current)


def _fold(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())
