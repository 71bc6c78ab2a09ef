"""E-mail (RFC 5322, MIME), as press offices send it: the letter, or the release attached to it."""

import codecs
import email
import email.policy
import re
from collections.abc import Iterator
from datetime import datetime
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr
from html import unescape

from services.enrich.formats import generic_json, json_file, office, pdf, rtf
from services.enrich.formats.content import blocks_from
from services.enrich.formats.dates import parse_date
from services.enrich.formats.encoding import decode
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, Block, BlockKind, RawFile, Refusal, Status

_MAX_PARTS = 60  # the standard library recurses into every part
_PART = re.compile(rb"^content-type:\s*(?:multipart/|message/rfc822)", re.IGNORECASE | re.MULTILINE)
_EMBARGO = re.compile(
    r"(?:embargo(?:ed)?\b|not for (?:release|publication) before|sperrfrist|sous embargo)"
    r"[ :]*(?:until|till|for release|bis|jusqu.au)?[ :]*([^\n]{0,80})",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^(?:-- ?$|_{10,}|-{5,} ?(?:original message|forwarded message)"
    r"|on .{5,80} wrote:$|am .{5,80} schrieb .{2,60}:$"
    r"|this (?:e-?mail|message)(?: and any attachments?)?(?: transmission)? (?:is|are|may|contains?) "
    r"|the information (?:contained )?in this (?:e-?mail|message)|if you are not the intended recipient"
    r"|to unsubscribe|you (?:are receiving|received) this (?:e-?mail|message) because|-*\s*sent from my \w+)",
    re.IGNORECASE,
)
_RELEASES = {b"PK\x03\x04": office.read_docx, b"%PDF": pdf.read, b"{\\rt": rtf.read}
_ENOUGH_WORDS = 60
_MAX_HEADER = 20_000  # characters of one header that are decoded


def parse(raw: RawFile) -> Iterator[Article | Refusal]:
    """One article a message."""
    data = raw.data.lstrip()
    if data[:3] == codecs.BOM_UTF8 or 0 in data[:4] or data[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        data = decode(raw.data).lstrip("\ufeff").encode("utf-8", "replace")  # saved by an editor as a text
    if len(_PART.findall(data)) > _MAX_PARTS:
        raise ArticleRejected(Reason.TOO_DEEP, f"more than {_MAX_PARTS} nested parts")
    if data.startswith(b"From ") and b"\n" in data:  # a mailbox file's envelope line
        data = data.split(b"\n", 1)[1]
    try:
        message = email.message_from_bytes(data, policy=email.policy.compat32)
    except (RecursionError, ValueError) as error:
        raise ArticleRejected(Reason.NOT_WELLFORMED, f"damaged message: {error}"[:200]) from None
    yield _article(message, raw)


def _article(message: Message, raw: RawFile) -> Article:
    html, plain, attached = _parts(message)
    subject = _header(message, "Subject")
    if plain.strip().startswith("{") and (form := _form(plain, raw)):
        return form.model_copy(update={"uid": form.uid or _header(message, "Message-ID") or ""})
    plain, *signature = re.split(r"^-- ?\r?$", plain, maxsplit=1, flags=re.MULTILINE)
    blocks = _letter(blocks_from(_unflowed(plain), html=False)) if plain.strip() else ()
    if not any(block.kept for block in blocks) and html.strip():
        blocks = _letter(blocks_from(html, html=True))
    text = "\n".join(block.text for block in blocks if block.kept)
    embargo, held = _embargo("\n".join([subject or "", *(block.text for block in blocks)]))
    headline = subject
    if len(text.split()) < _ENOUGH_WORDS and (release := _release(attached)):
        letter = tuple(block.model_copy(update={"kept": False, "kind": BlockKind.OTHER}) for block in blocks)
        blocks, headline = (*letter, *release.blocks), release.headline or subject
    if signature and signature[0].strip():
        blocks = (*blocks, Block(kind=BlockKind.CONTACT, text=signature[0].strip(), kept=False))
    name, address = _sender(_header(message, "From") or "")
    return Article(
        uid=(_header(message, "Message-ID") or "").strip("<> "),
        status=Status.WITHHELD if held else Status.USABLE,
        headline=re.sub(r"^(?:(?:re|fwd?|aw|wg|tr)\s*:\s*)+", "", headline or "", flags=re.IGNORECASE)
        or None,
        byline=name.strip("\"' ") or None,
        published=parse_date(_header(message, "Date")),
        embargo=embargo,
        language=_header(message, "Content-Language"),
        source=_header(message, "Organization") or name.strip("\"' ") or address.rpartition("@")[2] or None,
        blocks=blocks,
    )


def _header(message: Message, name: str) -> str | None:
    """A header decoded, whatever character set it claims."""
    value = message.get(name)
    if value is None:
        return None
    parts = []
    if isinstance(value, str):  # else a Header: it holds bytes beyond ASCII, as RFC 6532 allows
        value = value[:_MAX_HEADER]
    try:
        pieces = decode_header(value)
    except (ValueError, email.errors.HeaderParseError):
        pieces = [(str(value), None)]
    for piece, charset in pieces:
        parts.append(decode(piece, charset) if isinstance(piece, bytes) else piece)
    return " ".join("".join(parts).split()) or None


def _sender(header: str) -> tuple[str, str]:
    """Name and address; the standard library recurses into comments inside comments."""
    try:
        return parseaddr(header)
    except RecursionError:
        return "", ""


def _parts(message: Message) -> tuple[str, str, list[bytes]]:
    """HTML, plain text and attachments; of alternatives the first of each kind counts."""
    html, plain, attached = "", "", []
    for part in message.walk():
        if part.is_multipart():
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        kind = part.get_content_type()
        is_file = part.get_content_disposition() == "attachment" or part.get_filename() is not None
        if kind in {"text/plain", "text/html"} and not is_file:
            text = decode(payload, part.get_content_charset())
            if kind == "text/html":
                html = html or text
            else:
                plain = plain or text
        elif payload[:4] in _RELEASES:
            attached.append(payload)
    return html, plain, attached


def _unflowed(text: str) -> str:
    """Wrapped lines of a paragraph joined; lists, addresses and short lines stay."""
    out = []
    for part in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = part.strip("\n").split("\n")
        wrapped = len(lines) > 1 and all(55 <= len(line.rstrip()) <= 80 for line in lines[:-1])
        out.append(" ".join(line.strip() for line in lines) if wrapped else part)
    return "\n\n".join(out)


def _letter(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Signature, quoted replies and disclaimers are shown as cut."""
    result, closed = [], False
    for block in blocks:
        start = unescape(block.text).strip()
        closed = closed or bool(_CLOSING.match(start))
        if closed or start.startswith(">"):
            result.append(block.model_copy(update={"kind": BlockKind.DISCLAIMER, "kept": False}))
        else:
            result.append(block)
    return tuple(result)


def _form(text: str, raw: RawFile) -> Article | None:
    """Web forms send their fields as a JSON object."""
    try:
        fields = json_file.loads(text.strip())
        (article,) = generic_json.read(fields, raw)
    except (ValueError, ArticleRejected, FileIgnored, AttributeError, TypeError):
        return None
    return article


def _release(attached: list[bytes]) -> Article | None:
    for payload in attached[:10]:
        try:
            article = _RELEASES[payload[:4]](payload)
        except ArticleRejected:
            continue
        if any(block.kept for block in article.blocks):
            return article
    return None


def _embargo(text: str) -> tuple[datetime | None, bool]:
    """The moment an embargo names; one without a readable moment holds the story back."""
    found = _EMBARGO.search(text[:3_000])
    if not found or re.search(
        r"\b(?:no|lifted|ended)\s+embargo|embargo\s+(?:lifted|over)", text[:3_000], re.IGNORECASE
    ):
        return None, False
    written = re.sub(r"[()*]", " ", found.group(1)).strip(" .:-")
    moment = _moment(written)
    notice = re.search(r"embargoed|embargo\s*:|not for|sperrfrist|sous embargo", found.group(), re.IGNORECASE)
    return moment, moment is None and notice is not None


def _moment(written: str) -> datetime | None:
    """The date that a line begins with: the longest start of it that is one."""
    ends = [len(written), *(found.start() for found in re.finditer(r"[\s,;]", written))]
    for end in sorted(ends, reverse=True)[:16]:
        if end > 5 and (moment := parse_date(written[:end].strip(" ,.;-"))):
            return moment
    return None
