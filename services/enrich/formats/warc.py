"""WARC 0.17 to 1.1 (ISO 28500) and ARC 1: the web pages in a crawl's archive.

Only answers count that hold HTML and came with success; requests, revisits and metadata do not. The
date of a record is when it was fetched, never when the article was published.
"""

import io
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from services.enrich.formats import html
from services.enrich.formats.archive import Budget, inflated
from services.enrich.formats.encoding import decode
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, RawFile, Refusal

_MAX_PAGE = 16 << 20
_ARC_RECORD = re.compile(rb"\s*([^\r\n]+) \S+ \d{8,17} \S+ (\d{1,12})\r?\n")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


def parse(raw: RawFile) -> Iterator[Article | Refusal]:
    """One article a page. Pages that are no articles are refused one by one."""
    seen = False
    for address, body, charset in _pages(raw.data):
        seen = True
        try:
            article = html.read(decode(body, charset), url=address)
            if _is_article(article):
                yield article
            else:
                detail = "a page without date, writer or enough text"
                yield Refusal(reason=Reason.NOT_NEWS, detail=detail, item=address[:200])
        except ArticleRejected as rejected:
            yield Refusal(reason=rejected.reason, detail=rejected.detail, item=address[:200])
        except FileIgnored:
            continue
    if not seen:
        raise FileIgnored("a web archive without a page of HTML")


def _is_article(article: Article) -> bool:
    """A crawl brings home pages, imprints and placeholders along: only what looks like a story counts."""
    if article.published or article.byline:
        return True
    paragraphs = [block.text for block in article.blocks if block.kept and len(block.text) > 150]
    home = urlsplit(article.url or "").path in {"", "/"}
    return len(article.body) > 800 and len(paragraphs) > 1 and not home


def _pages(data: bytes) -> Iterator[tuple[str, bytes, str | None]]:
    if data.lstrip().startswith(b"filedesc://") or _gzip_head(data).startswith(b"filedesc://"):
        yield from _arc_pages(data)
    else:
        yield from _warc_pages(data)


def _warc_pages(data: bytes) -> Iterator[tuple[str, bytes, str | None]]:
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    _check_length(data)
    wanted = WarcRecordType.response | WarcRecordType.resource
    # The archive itself is compressed record by record; fastwarc tells which way by its first bytes.
    try:
        for record in ArchiveIterator(io.BytesIO(data), record_types=wanted, parse_http=True):
            headers = record.http_headers
            kind = (record.http_content_type or "") if headers else record.headers.get("Content-Type") or ""
            if (
                headers is not None
                and headers.status_code is not None
                and not 200 <= headers.status_code < 300
            ):
                continue
            if "html" not in kind.lower():
                continue
            encoding = (headers.get("Content-Encoding") or "") if headers else ""
            chunked = "chunked" in ((headers.get("Transfer-Encoding") or "") if headers else "").lower()
            body = _unpacked(record.reader.read(_MAX_PAGE), encoding, chunked=chunked)
            address = (record.headers.get("WARC-Target-URI") or "").strip("<> ")
            whole = _CHARSET.search((headers.get("Content-Type") or "") if headers else kind)
            yield address, body, whole.group(1) if whole else None
    except (OSError, ValueError, EOFError) as error:
        raise ArticleRejected(
            Reason.TRUNCATED, f"the web archive is damaged or ends early: {error}"[:200]
        ) from None


def _arc_pages(data: bytes) -> Iterator[tuple[str, bytes, str | None]]:
    """ARC 1: a line of address, IP, date, type and length before each answer as it came."""
    if data[:2] == b"\x1f\x8b":
        data = inflated(data, Budget())
    position = 0
    while record := _ARC_RECORD.match(data, position):
        address, length = record.group(1).decode("utf-8", "replace"), int(record.group(2))
        position = record.end() + length
        head, blank, body = data[record.end() : position].replace(b"\r\n\r\n", b"\n\n", 1).partition(b"\n\n")
        status = re.match(rb"HTTP/[\d.]+ 2\d\d\b", head)
        if not (status and blank):
            continue
        headers = dict(re.findall(rb"^([\w-]+):[ \t]*([^\r\n]*)", head.lower(), re.MULTILINE))
        kind = headers.get(b"content-type", b"").decode("latin-1")
        if "html" in kind:
            encoding = headers.get(b"content-encoding", b"").decode("latin-1")
            chunked = b"chunked" in headers.get(b"transfer-encoding", b"")
            found = _CHARSET.search(kind)
            yield (
                address,
                _unpacked(body[:_MAX_PAGE], encoding, chunked=chunked),
                found.group(1) if found else None,
            )


def _check_length(data: bytes) -> None:
    """A first record that claims more than the whole file holds by far was cut, or lies."""
    found = re.match(
        rb"\s*WARC/[\d.]+\r?\n(?:[^\r\n]+\r?\n)*?Content-Length:\s*(\d{1,30})", data[:8192], re.IGNORECASE
    )
    if found and int(found.group(1)) > len(data) + (1 << 30):
        raise ArticleRejected(
            Reason.TRUNCATED, f"a record of {int(found.group(1)):,} bytes in a file of {len(data):,}"
        )


def _gzip_head(data: bytes) -> bytes:
    import zlib

    if data[:2] != b"\x1f\x8b":
        return b""
    try:
        return zlib.decompressobj(wbits=31).decompress(data[:4096], 64)
    except zlib.error:
        return b""


def is_gzipped_archive(data: bytes) -> bool:
    """Whether a gzip file is a web archive, whose records are gzip members of their own."""
    return _gzip_head(data).startswith((b"WARC/", b"filedesc://"))


def _unpacked(body: bytes, encoding: str, *, chunked: bool) -> bytes:
    """Transfer and content encodings undone, as far as they are what they say."""
    import zlib

    if chunked:
        body = _unchunked(body)
    try:
        if "gzip" in encoding or (encoding and body[:2] == b"\x1f\x8b"):
            return zlib.decompressobj(wbits=31).decompress(body, _MAX_PAGE)
        if "deflate" in encoding:
            wbits = zlib.MAX_WBITS if body[:1] == b"\x78" else -zlib.MAX_WBITS
            return zlib.decompressobj(wbits=wbits).decompress(body, _MAX_PAGE)
        if encoding.strip() == "br":
            import brotli

            unpacked: bytes = brotli.Decompressor().process(body, output_buffer_limit=_MAX_PAGE)
            return unpacked[:_MAX_PAGE]
    except (zlib.error, Exception) as error:  # brotli.error derives from Exception alone
        if type(error).__module__ not in {"zlib", "brotli", "_brotli"}:
            raise
    return body


def _unchunked(body: bytes) -> bytes:
    """HTTP/1.1 chunks joined; a body that is not chunked, whatever its header says, stays whole."""
    parts: list[bytes] = []
    position = 0
    while head := re.compile(rb"([0-9a-fA-F]{1,8})[^\r\n]{0,40}\r?\n").match(body, position):
        size = int(head.group(1), 16)
        if not size:
            return b"".join(parts)
        parts.append(body[head.end() : head.end() + size])
        position = head.end() + size
        position += (
            2
            if body[position : position + 2] == b"\r\n"
            else 1
            if body[position : position + 1] == b"\n"
            else 0
        )
    return b"".join(parts) + body[position:] if parts else body
