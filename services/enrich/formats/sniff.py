"""Which kind of file this is: its bytes decide, its name is not asked.

The order is from the surest sign to the weakest: magic bytes, wire frames, XML's root element, JSON,
mail headers, HTML, front matter, and text for what is left.
"""

import json
import re

from services.enrich.formats import csv_file, json_file, warc, wire
from services.enrich.formats.encoding import decode, wide_encoding
from services.errors import ArticleRejected, Reason

_HEAD = 64_000
_WHOLE = 2_000_000  # a larger JSON document is named by its beginning, and read but once
_JSON_SIGNS = (
    ("jsonfeed", re.compile(r'"version"\s*:\s*"https?://jsonfeed\.org')),
    ("jsonld", re.compile(r'"@(?:context|graph|type)"\s*:')),
    (
        "ninjs",
        re.compile(r'"(?:pub_?status|version_?created|body_(?:html|xhtml|text)|bodies)"\s*:', re.IGNORECASE),
    ),
)
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\r\x0c\x1b"))
_BINARY = (
    (b"\x89PNG", "a PNG picture"), (b"\xff\xd8\xff", "a JPEG picture"), (b"GIF8", "a GIF picture"),
    (b"\x7fELF", "a program"), (b"MZ\x90\x00", "a program"),
    (b"RIFF", "a media file"), (b"ID3", "an audio file"),
    (b"OggS", "a media file"), (b"\x1aE\xdf\xa3", "a video"),
    (b"II*\x00", "a TIFF picture"), (b"MM\x00*", "a TIFF picture"),
    (b"wOFF", "a font"), (b"\x00\x00\x01\x00", "an icon"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"), (b"Rar!", "a RAR archive"),
    (b"SQLite format 3", "a database"), (b"\xca\xfe\xba\xbe", "a program"),
)  # fmt: skip
_ROOT = re.compile(r"<(?:([\w.-]{1,60}):)?([A-Za-z_][\w.-]{0,80})([^>]{0,4000})")
_SKIPPED = re.compile(
    r"\s+|<\?.*?(?:\?>|\Z)|<!--.*?(?:-->|\Z)|<!DOCTYPE\b[^\[>]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL
)
_UNENDED_DOCTYPE = re.compile(r"<!DOCTYPE\s+(?:[\w.-]{1,60}:)?([\w.-]{1,80})", re.IGNORECASE)
_G2 = (
    "newsMessage",
    "newsItem",
    "packageItem",
    "conceptItem",
    "knowledgeItem",
    "planningItem",
    "catalogItem",
)
_XML_KINDS = dict.fromkeys((*_G2, "conceptSet", "groupSet"), "newsml-g2") | {
    "nitf": "nitf", "NewsML": "newsml", "rss": "rss", "feed": "atom", "entry": "atom", "RDF": "rdf",
    "mediawiki": "mediawiki",
}  # fmt: skip
_HTML_START = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|div|p|h1|h2|article|section|main|table|span|script|a|br|center|font|link|ul|img|blockquote|iframe|b|strong|em|i)\b",
    re.IGNORECASE,
)
# Elements that no web page has: <?xml …?><article> with these inside is a sender's own record.
_RECORD = re.compile(
    r"<(?:headline|byline|content|text|author|date|id|para|paragraph|front|article-meta|pubdate|published|lead)\b",
    re.IGNORECASE,
)
_MAIL_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]?\S?.*|[ \t]+\S.*")
_MAIL_NAMES = re.compile(
    r"^(?:From|To|Subject|Date|Received|Message-ID|MIME-Version|Content-Type|Delivered-To|Return-Path|X-[\w-]+|Reply-To):",
    re.IGNORECASE | re.MULTILINE,
)


def sniff(data: bytes) -> str:
    """The name of the format ``data`` is in. Raises ``ArticleRejected`` for empty and binary files."""
    if not data.strip(b" \t\r\n\x0b\x0c\x00\xef\xbb\xbf\xff\xfe"):
        raise ArticleRejected(
            Reason.EMPTY, "the file is empty" if not data else "nothing but blanks in the file"
        )
    return _magic(data) or _wire(data) or _textual(data)


def _magic(data: bytes) -> str | None:
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(data)
    if data.startswith(b"\x1f\x8b"):
        return "warc" if warc.is_gzipped_archive(data) else "gzip"
    if data.startswith(b"BZh") and data[4:10] == b"1AY&SY":
        return "bzip2"
    if data.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    if data[257:262] == b"ustar":
        return "tar"
    if data.startswith(b"{\\rtf"):
        return "rtf"
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "ole"
    if data.lstrip()[:5] == b"WARC/" or data.startswith(b"filedesc://"):
        return "warc"
    for magic, what in _BINARY:
        if data.startswith(magic):
            raise ArticleRejected(Reason.BINARY, f"the bytes of {what}")
    if data[4:8] == b"ftyp":
        raise ArticleRejected(Reason.BINARY, "the bytes of a video")
    return None


def _zip(data: bytes) -> str:
    """A look at the member names, which stand uncompressed in the file."""
    if b"word/document.xml" in data or b"word/_rels" in data:
        return "docx"
    if b"mimetypeapplication/epub+zip" in data[:200] or b"META-INF/container.xml" in data:
        return "epub"
    if b"mimetypeapplication/vnd.oasis" in data[:200]:
        return "odt"
    return "zip"


def _wire(data: bytes) -> str | None:
    """Agencies' frames of the teletype age, told by their control characters."""
    head = data[:400].lstrip(b"\xff\x7f\x00\r\n ")
    if re.match(rb"\x16*\x01[A-Z]\d{3,4}", head) or (head[:2] == b"\x16\x16" and b"\x02" in head):
        return "anpa"
    if head[:1] == b"\x01" and b"\x02" in data[:600]:
        return "iptc7901"
    return None


def _textual(data: bytes) -> str:
    head = decode(data[:_HEAD])
    _refuse_binary(data)
    start = head.lstrip("\ufeff \t\r\n\x00")
    if start.startswith("<"):
        return _markup(start, data)
    if start[:1] in {"{", "["} and (kind := _json(start, data)):
        return kind
    if _is_mail(head):
        return "email"
    if re.fullmatch(r"-?\d[\d.eE+-]*|true|false|null|\"[^\"\n]*\"", start.rstrip()):
        return "json"
    if re.match(r"(?:---|\+\+\+)[ \t]*\r?\n", start):
        return "frontmatter"
    if wire.recognises(head.replace("\r\n", "\n").replace("\r", "\n")):
        return "wire"
    return "csv" if csv_file.separator_of(start) else "text"


def _refuse_binary(data: bytes) -> None:
    """Control characters by the dozen are not text in any encoding; UTF-16 has them in its bytes."""
    sample = data[:8192]
    if wide_encoding(sample) is not None:
        return
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    unspaced = sample.count(32) < 0.02 * len(sample)  # noise; wires send controls, yet between words
    if controls > 0.05 * len(sample) + 20 or (unspaced and controls > 0.02 * len(sample) + 4):
        raise ArticleRejected(
            Reason.BINARY, f"{controls} control characters in the first {len(sample):,} bytes"
        )


def _markup(start: str, data: bytes) -> str:
    rest = _after_prolog(start)
    found = _ROOT.match(rest)
    if not found:
        if not rest.strip("\x00 \r\n\t"):
            raise ArticleRejected(Reason.EMPTY, "an XML document without an element")
        if doctype := _UNENDED_DOCTYPE.match(rest):  # its declarations reach beyond the head
            return "html" if doctype.group(1).lower() == "html" else _XML_KINDS.get(doctype.group(1), "xml")
        return "html" if _HTML_START.match(rest) else "text"
    _, name, attributes = found.groups()
    if name == "svg":
        raise ArticleRejected(Reason.BINARY, "a picture in SVG")
    if name in _XML_KINDS:
        kind = _XML_KINDS[name]
        is_export = "wordpress.org/export" in start or b"wordpress.org/export" in data
        return "wxr" if kind == "rss" and is_export else kind
    if name.lower() == "html" or _HTML_START.match(rest):
        declared = start.startswith("<?xml")
        xml = (
            name.lower() != "html"
            and "xhtml" not in attributes
            and ('xmlns="' in attributes or (declared and "xmlns" in attributes))
        ) or (declared and name.lower() != "html" and _RECORD.search(rest[:4_000]) is not None)
        return "xml" if xml else "html"
    if start.startswith("<?xml") or re.search(
        rf"</(?:[\w.-]+:)?{re.escape(name)}\s*>\s*\Z", data[-400:].decode("utf-8", "ignore")
    ):
        return "xml"
    again = re.compile(rf"</{re.escape(name)}\s*>\s*<{re.escape(name)}[\s>]")  # with no root around them
    if _RECORD.search(rest[:4_000]) and again.search(rest):
        return "xml"
    return "xml" if "xmlns" in attributes else "html"


def _after_prolog(start: str) -> str:
    position = 0
    while found := _SKIPPED.match(start, position):
        position = found.end()
    return start[position:]


def _json(start: str, data: bytes) -> str | None:
    """The kind of JSON, or ``None`` for text that merely starts with a bracket."""
    if json_file.is_lines(start):
        return "jsonl"
    if len(data) > _WHOLE:
        return next((kind for kind, sign in _JSON_SIGNS if sign.search(start)), "json")
    text = start if len(data) <= _HEAD else decode(data).lstrip()
    try:
        return json_file.shape(json_file.loads(text))
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and text[error.pos - 1 : error.pos] == "\n" and text.startswith("{"):
            return "frontmatter"
        # "[Photo] The minister …" and "{{ template }}" are text; a broken document has got further.
        return "json" if re.match(r"[{\[]\s*(?:[\"'{\[]|\Z)", start) and error.pos >= 1 else None
    except ArticleRejected:
        return "json"


def _is_mail(head: str) -> bool:
    """Two known headers or more, in a block of nothing but headers."""
    lines = head.lstrip().replace("\r\n", "\n").split("\n")[:200]
    if lines[0].startswith("From "):
        lines = lines[1:]  # a mailbox file's envelope line
    block = []
    for line in lines:
        if not line.strip():
            break
        block.append(line)
    sound = sum(bool(_MAIL_HEADER.fullmatch(line)) for line in block)
    if len(block) < 2 or not _MAIL_HEADER.fullmatch(block[0]) or sound < 0.8 * len(block):
        return False
    names = {name.group().lower() for name in _MAIL_NAMES.finditer("\n".join(block))}
    return len(names) >= 2 and bool(
        names & {"from:", "received:", "message-id:", "mime-version:", "delivered-to:"}
    )
