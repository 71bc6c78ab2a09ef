"""One field's value, HTML or plain text, to blocks or to a line: what feeds and JSON share."""

import base64
import binascii
import re
from html import unescape
from typing import Any

from services.enrich.clean.delivered import trimmed
from services.enrich.clean.html import clean_fragment
from services.enrich.clean.text import clean_plain
from services.enrich.formats.encoding import decode
from services.enrich.formats.markup import blocks_of, is_escaped_page
from services.enrich.formats.xml import Element
from services.models import Block

_TAG = re.compile(
    r"</?(?:p|br|div|span|a|b|i|em|strong|ul|ol|li|h[1-6]|img|table|tr|td|blockquote|section|article|figure|"
    r"iframe|pre|sup|sub|font|hr|html|body|script|style|center|u|small)\b[^<>]*>",
    re.IGNORECASE,
)
_ANY_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:script|style)\b.*?(?:</(?:script|style)\s*>|\Z)|</?[a-z!][^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
_ESCAPED_TAG = re.compile(r"&(?:amp;)?lt;(?:p|br|div|span|a|ul|h[1-6])\b", re.IGNORECASE)


def looks_like_html(text: str) -> bool:
    """Whether a value that may be either is HTML: it holds a usual element."""
    return bool(_TAG.search(text)) or bool(_ESCAPED_TAG.search(text) and not text.lstrip().startswith("<"))


def blocks_from(text: str, *, html: bool | None = None) -> tuple[Block, ...]:
    """Blocks of a body that is known to be the article. Markup escaped twice is unescaped once."""
    if html is None:
        html = looks_like_html(text)
    if not html:
        return trimmed(clean_plain(unescape(text) if "&" in text else text))
    if _ESCAPED_TAG.search(text) and not _TAG.search(text):
        text = unescape(text)
        if not _TAG.search(text):
            text = unescape(text)
    return trimmed(clean_fragment(text))


def blocks_under(element: Element, *, line_break: str = "\n") -> tuple[Block, ...]:
    """Blocks of a tree that is known to be the article, also where its HTML stands escaped in it."""
    blocks = blocks_of(element, line_break=line_break)
    if not all(is_escaped_page(block.text) for block in blocks if block.kept):
        return blocks
    text = "".join(map(str, element.itertext()))
    return (blocks_from(text, html=True) if is_escaped_page(text) else ()) or blocks


def from_base64(text: str) -> str:
    """Text that was encoded for transport (RFC 4648); as it is when it was not."""
    try:
        return decode(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError):
        return text


def line_from(value: Any) -> str | None:
    """A headline, name or summary as plain text, whatever markup or references it came with."""
    if not isinstance(value, str) or not value.strip():
        return None
    text = value
    for _ in range(2):  # feeds escape titles once or twice
        if "<" in text:
            text = _ANY_TAG.sub(" " if _TAG.search(text) and "</p" in text.lower() else "", text)
        if "&" not in text:
            break
        text = unescape(text)
    return " ".join(text.split()) or None
