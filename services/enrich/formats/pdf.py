"""PDF 1.x and 2.0: the text of the pages, in reading order as far as the file tells it."""

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
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
_LINE = re.compile(r"([^\r\n]*)(?:\r\n?|\n|\Z)")
_NUMBER = re.compile(
    r"(?:(?:page|seite|pág\.?|p\.) ?)?[-–]? ?\d{1,4} ?[-–]?(?: ?(?:of|von|/) ?\d{1,4})?", re.IGNORECASE
)
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
    lines = [line for page in _without_running_lines(pages) for line in page]
    if not any(line.text.strip() for line in lines):
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


@dataclass(frozen=True)
class _Line:
    text: str
    size: float = 0.0  # of its first character, in points; 0: unknown


def _pages(document: Any) -> Iterator[list[_Line]]:
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
        lines = list(_lines(text, text_page if len(text) == size else None))
        text_page.close()
        page.close()
        yield lines


def _lines(text: str, text_page: Any) -> Iterator[_Line]:
    import pypdfium2.raw as pdfium_c

    for found in _LINE.finditer(text):
        line = found.group(1)
        first = found.start() + len(line) - len(line.lstrip())
        size = pdfium_c.FPDFText_GetFontSize(text_page, first) if text_page is not None else 0.0
        yield _Line(line.translate(_LIGATURES), size)


def _without_running_lines(pages: list[list[_Line]]) -> Iterator[list[_Line]]:
    """Pages without what stands at the edge of most of them, such as the paper's name, and page numbers."""
    edges = [{_edge(line) for line in _at_edges(page)} for page in pages]
    often = Counter(key for page in edges for key in page)
    running = {key for key, count in often.items() if count > 1 and 2 * count >= len(pages)}
    for page in pages:
        cut = [
            line
            for line in _at_edges(page)
            if _edge(line) in running or _NUMBER.fullmatch(" ".join(line.text.split()))
        ]
        yield [line for line in page if not any(line is other for other in cut)]


def _at_edges(page: list[_Line]) -> list[_Line]:
    written = [line for line in page if line.text.strip()]
    return written[:2] + written[2:][-2:]


def _edge(line: _Line) -> str:
    return re.sub(r"\d+", "#", " ".join(line.text.casefold().split()))


def _title(document: Any) -> str | None:
    """The title among the properties, when it is one and not the name of a file."""
    title = " ".join((document.get_metadata_dict().get("Title") or "").split())
    return title if len(title) > 5 and not _TITLE_NOISE.match(title) else None


def _paragraphs(lines: list[_Line]) -> Iterator[Block]:
    """Lines joined to paragraphs: one ends where a line is short, or the next begins in other type."""
    widths = sorted(len(line.text) for line in lines if len(line.text.strip()) > 20)
    usual = widths[len(widths) * 3 // 4] if widths else 0
    current = ""
    for line, following in pairwise([*lines, _Line("")]):
        text = line.text.replace("\ufffe", "-").strip()  # PDFium marks a hyphen at a line's end this way
        if not text:
            if current:
                yield Block(kind=BlockKind.PARAGRAPH, text=current)
            current = ""
            continue
        if current.endswith("-") and text[:1].islower():
            current = current[:-1] + text
        else:
            current = f"{current} {text}".strip()
        starts = following.text.strip()[:1]
        ended = current[-1:] in '.!?:”"’»…' and len(text) < 0.8 * usual
        other = bool(starts) and abs(line.size - following.size) > 0.05 * max(line.size, following.size)
        if (len(text) < 0.6 * usual and not starts.islower()) or ended or other:
            yield Block(kind=BlockKind.PARAGRAPH, text=current)
            current = ""
    if current:
        yield Block(kind=BlockKind.PARAGRAPH, text=current)


def _fold(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())
