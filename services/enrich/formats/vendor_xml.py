"""XML of no published standard: a record's elements are read by the names senders give them.

The tree becomes a flat record, and the rules for JSON apply (``generic_json.SYNONYMS``). Where no name
is known, the longest text is the body, provided that something like a title stands beside it.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree

from services.enrich.formats import generic_json, newsml, newsml_g2, nitf
from services.enrich.formats.cut_xml import documents_of
from services.enrich.formats.encoding import decode, wide_encoding
from services.enrich.formats.generic_json import EVENT
from services.enrich.formats.names import PATHS, SYNONYMS, fold
from services.enrich.formats.record import TEASERS
from services.enrich.formats.xml import Element, every, first, local, read_xml, text_of
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, RawFile, Refusal

_TITLES = {"strapline", "subtitle", "slug", "slugline"}
_LONG = 200
_MARKUP = {
    "p",
    "div",
    "br",
    "b",
    "i",
    "em",
    "strong",
    "a",
    "span",
    "ul",
    "ol",
    "li",
    "h1",
    "h2",
    "h3",
    "table",
    "para",
    "paragraph",
    "sec",
}
_PARAGRAPHS = {"p", "para", "paragraph"}
_AS_HTML = {"para": "p", "paragraph": "p", "sec": "div", "title": "h2"}
_FOREIGN = re.compile(rf"<(/?)({'|'.join(_AS_HTML)})\b")
_OF_THE_OUTERMOST = {
    "url",
    "id",
    "name",
    "link",
    "uri",
    "description",
    "language",
}  # deeper, they are another's
_NAMED = {"publisher", "source", "author", "provider", "creator"}
_VOCABULARY = re.compile("iptc|subject|medtop", re.IGNORECASE)
_PICTURE = ("photo", "picture", "image", "graphic", "video", "audio")


def parse(raw: RawFile) -> Iterator[Article | Refusal]:
    """One article a record; a document without repeated records is one."""
    data = decode(raw.data).encode() if wide_encoding(raw.data) else raw.data
    cut = documents_of(io.BytesIO(data))
    if cut is None:
        tree = read_xml(data)
        yield from tree.told(_articles(tree.root, raw))
        return
    for document in cut(io.BytesIO(data), 0, 0):
        try:
            if document.refused is not None:
                raise document.refused
            tree = read_xml(document.data)
            yield from tree.told(_articles(tree.root, raw))
        except ArticleRejected as rejected:
            item = f"document {document.number}"
            yield Refusal(reason=rejected.reason, detail=rejected.detail, item=item)
        except FileIgnored:
            continue


def _articles(root: Element, raw: RawFile) -> Iterator[Article | Refusal]:
    if (known := _of_a_standard(root)) is not None:
        yield from known
        return
    records = _records(root)
    if len(records) == 1:
        yield from _read(records[0], raw)
        return
    for position, record in enumerate(records, start=1):
        try:
            yield from _read(record, raw)
        except ArticleRejected as rejected:
            yield Refusal(reason=rejected.reason, detail=rejected.detail, item=f"record {position}")
        except FileIgnored:
            continue


def _of_a_standard(root: Element) -> Iterator[Article | Refusal] | None:
    """What an envelope of a service (SOAP, a customer's own) holds when it is of a known standard."""
    if any(first(item, "itemMeta") is not None for item in every(root, "newsItem")):
        return newsml_g2.articles_under(root)
    if any(first(item, "NewsManagement") is not None for item in every(root, "NewsItem")):
        return newsml.articles_under(root)
    stories = [story for story in every(root, "nitf") if first(story, "body") is not None]
    return map(nitf.read, stories) if stories else None


def _records(root: Element) -> list[Element]:
    """Repeated siblings that each hold a long text; the outermost level that has them."""
    level = [root]
    for _ in range(4):
        for parent in level:
            names = Counter(map(local, parent))
            for name, count in names.items():
                if count > 1 and name.lower() not in _MARKUP:
                    group = [child for child in parent if local(child) == name and _has_text(child)]
                    if len(group) > 1:
                        return group
        level = [child for parent in level for child in parent][:200]
    return [root]


def _has_text(element: Element) -> bool:
    names = {fold(local(child)) for child in element.iter(etree.Element)}
    bodies = _last_parts("body")
    return _titled(names) and any(
        text_of(child) for child in element.iter(etree.Element) if fold(local(child)) in bodies
    )


def _titled(names: set[str]) -> bool:
    return bool(names & (_last_parts("headline") | _TITLES))


def _last_parts(field: str) -> set[str]:
    """The names of a field, those that are paths by where they end."""
    return {name.rpartition(".")[2] for name in SYNONYMS[field]}


def _read(record: Element, raw: RawFile) -> Iterator[Article | Refusal]:
    fields = _flat(record)
    kind = " ".join(str(value) for key, value in fields.items() if key.endswith("type"))[:200].lower()
    if any(word in kind for word in _PICTURE):
        raise FileIgnored("a picture or other media, not an article")
    if EVENT & {fold(key) for key in fields}:
        raise FileIgnored("an event of a calendar, not an article")
    names = {fold(key) for key in fields}
    if not names & set(SYNONYMS["body"]):
        longest = max(fields, key=lambda key: len(str(fields[key])), default=None)
        if longest is None or len(str(fields[longest])) < _LONG or not _titled(names):
            name = local(record)
            raise ArticleRejected(Reason.SCHEMA, f"XML with the root {name[:60]!r} is of no known shape")
        fields["body"] = fields[longest]
    if not any(fold(key) in SYNONYMS["headline"] for key in fields) and "strapline" in fields:
        fields["headline"] = fields["strapline"]
    yield from generic_json.read(fields, raw)


def _flat(record: Element) -> dict[str, Any]:
    """Elements and the root's attributes by name; the outermost and first of a name counts."""
    fields: dict[str, Any] = dict(_attributes(record))
    while len(record) == 1 and len(record[0]):  # an envelope around one record
        record = record[0]
        fields |= dict(_attributes(record))
    for path in PATHS:
        if value := _at(record, path.split(".")):
            fields[path] = value
    number = fields.pop("id", None)
    if number and not {fold(name) for name in fields} & set(SYNONYMS["uid"]):
        fields["guid"] = number
    level, depth = list(record), 0
    while level:
        deeper: list[Element] = []
        for element in level:
            name = local(element)
            if not name or (depth and fold(name) in _OF_THE_OUTERMOST):
                continue
            value = _value(element)
            if value is None:
                deeper.extend(element)
                value = _inner_name(element) if fold(name) in _NAMED else None
            if value:
                fields.setdefault(name, value)
            for key, kind in _attributes(element):
                if key.lower() == "type":
                    fields.setdefault(f"{name}.type", kind)
        level, depth = deeper, depth + 1
    if not {fold(name) for name in fields} & set(SYNONYMS["body"]) - TEASERS:
        loose = [child for child in record if local(child).lower() in _PARAGRAPHS]
        if loose:
            fields["body"] = "".join(map(_serialised, loose))
    if codes := [{"code": code} for element in record.iter() if (code := _iptc_code(element))]:
        fields["subjects"] = codes
    return fields


def _inner_name(element: Element) -> str | None:
    return next((text_of(child) for child in element if local(child).lower() == "name"), None)


def _attributes(element: Element) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        if text := str(value).strip():
            yield str(name).rpartition("}")[2], text


def _value(element: Element) -> str | None:
    """Text, or markup with its tags; ``None`` for an element that only groups others."""
    if any(local(child).lower() in _MARKUP for child in element):
        return (element.text or "") + "".join(map(_serialised, element))
    return None if len(element) else (element.text or "").strip()


def _at(record: Element, path: list[str]) -> str | None:
    """The text at the end of a path of folded names, which may begin at any depth and end in an attribute."""
    for start in record.iter(etree.Element):
        element: Element | None = start if fold(local(start)) == path[0] else None
        for part in path[1:]:
            if element is None:
                break
            value = next((text for name, text in _attributes(element) if fold(name) == part), None)
            element = next((child for child in element if fold(local(child)) == part), None)
            if element is None and part == path[-1] and value:
                return value
        if element is not None and (text := _value(element) or text_of(element)):
            return text
    return None


def _serialised(element: Element) -> str:
    return _FOREIGN.sub(
        lambda tag: f"<{tag[1]}{_AS_HTML[tag[2]]}", etree.tostring(element, encoding="unicode", method="html")
    )


def _iptc_code(element: Element) -> str | None:
    """Eight digits in an element named for the vocabulary, or inside one."""
    code, parent = (element.text or "").strip(), element.getparent()
    owners = local(element) + (" " + local(parent) if parent is not None else "")
    return code if re.fullmatch(r"[012]\d{7}", code) and _VOCABULARY.search(owners) else None
