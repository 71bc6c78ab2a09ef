"""XML 1.0 read as hostile: no network, no DTD, no external entity, bounded expansion, bounded depth.

lxml never resolves an entity here. Internal entities (news files do carry a few) and HTML's names
without a DTD are expanded by us, from a bounded table, before lxml sees the text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html.entities import html5
from typing import Any, cast

from lxml import etree

from services.enrich.formats.encoding import decode
from services.errors import ArticleRejected, Reason
from services.models import Article, Refusal

Element = etree._Element  # noqa: SLF001  (lxml offers no public name for the type)

_MAX_ENTITIES = 256
_MAX_ENTITY = 4_096
_MAX_EXPANDED = 100_000

_STRICT = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
    remove_comments=True, remove_pis=True, strip_cdata=True, collect_ids=False,
)  # fmt: skip
_LENIENT = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
    remove_comments=True, remove_pis=True, strip_cdata=True, collect_ids=False, recover=True,
)  # fmt: skip

_DECLARATION = re.compile(r"<\?xml\s[^>]*\?>|<\?xml[^>]*>")
# Feeds declare themselves twice, or after a comment.
_PROLOG = re.compile(r"(?:\s+|<\?xml[^>]*\?>|<!--.*?-->)+", re.DOTALL)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))
_BAD_REFERENCE = re.compile(r"&#(?:x0*([0-9a-f]{1,8})|0*([0-9]{1,9}));", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE\s+[^\[>]*", re.IGNORECASE)
_ENTITY = re.compile(
    r"""<!ENTITY\s+(%\s+)?([\w.:-]+)\s+(?:(SYSTEM|PUBLIC)\b[^>]*|"([^"]*)"|'([^']*)')\s*>""", re.IGNORECASE
)
# CDATA and comments are stepped over; an unclosed one ends with the text, so this stays linear.
_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|&(?!(?:amp|lt|gt|quot|apos|#\d+|#[xX][0-9a-fA-F]+);)([\w.:-]*)(;?)",
    re.DOTALL,
)
_BARE = re.compile(r"&(?![\w#])")
_UNDECLARED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#[xX][0-9a-fA-F]+);)")


@dataclass(frozen=True)
class Tree:
    """A parsed document. ``repaired`` says why it is not what the sender meant, if so."""

    root: Element
    repaired: str | None = None

    def told(self, items: Iterable[Article | Refusal]) -> Iterator[Article | Refusal]:
        """The articles made of this tree, each with what had to be repaired."""
        for item in items:
            if self.repaired and isinstance(item, Article):
                yield item.model_copy(update={"repaired": self.repaired})
            else:
                yield item


def read_xml(data: bytes, *, lenient: bool = False) -> Tree:
    """The document in ``data``. A document cut off at its end is refused unless ``lenient``."""
    return parse_text(decode(data), lenient=lenient)


def parse_text(text: str, *, lenient: bool = False) -> Tree:
    """The document in ``text``, whatever encoding it once declared."""
    text = _prepared(text)
    if not text:
        raise ArticleRejected(Reason.EMPTY, "nothing but blanks")
    data = text.encode("utf-8", "ignore").translate(None, _CONTROLS)
    try:
        return Tree(etree.fromstring(data, _STRICT))
    except etree.XMLSyntaxError as error:
        return _repaired(data, error, lenient=lenient)


def _prepared(text: str) -> str:
    text = text.lstrip("\ufeff\x00 \t\r\n")
    for bad in "\ufeff\ufffe\uffff":
        if bad in text:
            text = text.replace(bad, "")
    if prolog := _PROLOG.match(text):
        text = _DECLARATION.sub("", prolog.group()).lstrip() + text[prolog.end() :]
    if "&#" in text:
        text = _BAD_REFERENCE.sub(_checked_reference, text)
    entities, text = _doctype(text)
    if _UNDECLARED.search(text):
        text = _expanded(text, entities)
    return text


def _checked_reference(found: re.Match[str]) -> str:
    """Character references XML forbids (``&#0;``) vanish; the rest stand as written."""
    code = int(found.group(1), 16) if found.group(1) else int(found.group(2))
    allowed = code in {9, 10, 13} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0x10FFFF
    return found.group() if allowed and code & 0xFFFE != 0xFFFE else ""


def _doctype(text: str) -> tuple[dict[str, str | None], str]:
    """The internal entities, and the text without its DOCTYPE. ``None`` stands for an external one."""
    head = text[:1_000_000]
    if "<!D" not in head and "<!d" not in head:
        return {}, text
    start = _DOCTYPE.search(head)
    if start is None or "<" in re.sub(r"<!--.*?-->|<\?.*?\?>", "", head[: start.start()], flags=re.DOTALL):
        return {}, text
    if text[start.end() : start.end() + 1] != "[":
        return {}, text[: start.start()] + text[start.end() + 1 :]
    end = re.compile(r"\]\s*>").search(text, start.end())
    if end is None:
        return {}, text
    entities: dict[str, str | None] = {}
    for found in _ENTITY.finditer(text, start.end(), end.start()):
        parameter, name, external, double, single = found.groups()
        if parameter:
            continue  # real files import character tables this way; we know those names
        if len(entities) >= _MAX_ENTITIES:
            raise ArticleRejected(Reason.ENTITY_BOMB, f"more than {_MAX_ENTITIES} entities are declared")
        value = None if external else (double if double is not None else single)
        if value is not None and len(value) > _MAX_ENTITY:
            raise ArticleRejected(Reason.ENTITY_BOMB, f"entity {name[:40]} holds {len(value):,} characters")
        entities.setdefault(name, value)
    return entities, text[: start.start()] + text[end.end() :]


def _expanded(text: str, entities: dict[str, str | None]) -> str:
    if "<![CDATA[" not in text and "<!--" not in text:
        text = _BARE.sub("&amp;", text)  # the usual mistake, by the thousand in some files
    budget = [_MAX_EXPANDED]

    def value_of(name: str, depth: int) -> str | None:
        if name not in entities:
            return html5.get(name + ";")
        value = entities[name]
        if value is None:
            raise ArticleRejected(Reason.EXTERNAL_ENTITY, f"entity {name[:40]} asks for another file")
        if depth > 8:
            raise ArticleRejected(Reason.ENTITY_BOMB, f"entity {name[:40]} is nested too deep")
        whole = re.sub(r"&([\w.:-]+);", lambda inner: _nested(inner, value_of, depth), value)
        budget[0] -= len(whole)
        if budget[0] < 0:
            raise ArticleRejected(Reason.ENTITY_BOMB, f"entities expand beyond {_MAX_EXPANDED:,} characters")
        return whole

    def replace(found: re.Match[str]) -> str:
        name = found.group(1)
        if name is None:
            return found.group()  # CDATA or a comment
        value = value_of(name, 0) if name and found.group(2) else None
        if value is None:
            return "&amp;" + found.group()[1:]
        return value if name in entities else value.replace("&", "&amp;").replace("<", "&lt;")

    return _REFERENCE.sub(replace, text)


def _nested(found: re.Match[str], value_of: Any, depth: int) -> str:
    if found.group(1) in {"amp", "lt", "gt", "quot", "apos"}:
        return found.group()
    value: str | None = value_of(found.group(1), depth + 1)
    return "" if value is None else value


def _repaired(data: bytes, error: etree.XMLSyntaxError, *, lenient: bool) -> Tree:
    where = f"line {error.lineno}: {_words(error)}"
    if "xcessive depth" in where:
        raise ArticleRejected(Reason.TOO_DEEP, f"elements nested more than 256 deep ({where})") from None
    if ("xtra content" in where or "declaration" in where) and _is_glued(data):
        raise ArticleRejected(Reason.NOT_WELLFORMED, f"several documents glued together ({where})") from None
    if not lenient and data.rstrip()[-1:] != b">" and ("remature" in where or "EndTag" in where):
        raise ArticleRejected(Reason.TRUNCATED, f"the document ends in the middle ({where})") from None
    try:
        root = cast("Element | None", etree.fromstring(data, _LENIENT))
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise ArticleRejected(Reason.NOT_WELLFORMED, where) from None
    _bind_prefixes(root)
    return Tree(root, where)


def _is_glued(data: bytes) -> bool:
    """Whether the root element, or a declaration, comes a second time after the first has ended."""
    root = re.search(rb"<([A-Za-z_][\w.:-]*)", data)
    end = data.find(b"</" + root.group(1)) if root else -1
    return end > 0 and root is not None and max(data.rfind(b"<" + root.group(1)), data.rfind(b"<?xml ")) > end


def _bind_prefixes(root: Element) -> None:
    """``dc:creator`` without a declaration: the prefix itself serves as the namespace."""
    for element in root.iter(etree.Element):
        prefix, colon, name = str(element.tag).rpartition(":")
        if colon and prefix[:1] != "{" and re.fullmatch(r"[A-Za-z_][\w.-]*", name):
            element.tag = f"{{{prefix}}}{name}"


def _words(error: etree.XMLSyntaxError) -> str:
    return (error.msg or "not well-formed").rsplit(", line", 1)[0].partition("\n")[0][:160]


# -- reading a tree: by local name, since senders differ in namespaces and prefixes ------------------


def local(element: Element) -> str:
    """The element's name without namespace; empty for comments and the like."""
    tag = element.tag
    return _local(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=4096)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def children(element: Element, *names: str) -> Iterator[Element]:
    """Direct children of these names, with or without a namespace."""
    return element.iterchildren(*map(_any_namespace, names))


def first(element: Element | None, *path: str) -> Element | None:
    """The first element down this path of child names."""
    for name in path:
        if element is None:
            return None
        element = next(element.iterchildren(_any_namespace(name)), None)
    return element


@lru_cache(maxsize=4096)
def _any_namespace(name: str) -> str:
    return "{*}" + name


def every(element: Element, *names: str) -> Iterator[Element]:
    """All descendants of these names, in document order."""
    yield from element.iter(*(f"{{*}}{name}" for name in names))


def find(element: Element | None, name: str) -> Element | None:
    """The first descendant of this name."""
    return None if element is None else next(element.iter("{*}" + name), None)


def text_of(element: Element | None) -> str | None:
    """All text inside, blanks collapsed; ``None`` when there is none."""
    if element is None:
        return None
    return " ".join("".join(cast("Iterator[str]", element.itertext())).split()) or None


def _namespaced(element: Element, name: str) -> str | None:
    suffix = "}" + name
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith(suffix)), None)


def attribute(element: Element | None, *names: str) -> str | None:
    """The first of these attributes that says something, whatever its namespace."""
    if element is None:
        return None
    for name in names:
        value = element.get(name) or (_namespaced(element, name) if element.attrib else None)
        if value and (value := value.strip()):
            return value
    return None
