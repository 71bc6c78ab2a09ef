"""RSS 0.9x and 2.0, RSS 1.0 (RDF), Atom 0.3 and 1.0 (RFC 4287), well-formed or not.

Elements are told apart by namespace family, so ``media:title`` is never a headline; a family's
prefix counts when its declaration is missing.
"""

import base64
import binascii
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from services.enrich.clean.delivered import trimmed
from services.enrich.formats import newsml_g2, nitf
from services.enrich.formats.content import blocks_from, line_from
from services.enrich.formats.dates import parse_date
from services.enrich.formats.markup import blocks_of
from services.enrich.formats.xml import Element, attribute, children, find, first, local, read_xml
from services.errors import FileIgnored
from services.models import Article, Block, BlockKind, Link, OriginalSource, RawFile, Refusal, Status

_FAMILIES = (
    ("wordpress.org/export/1.0/excerpt", "excerpt"), ("wordpress.org/export/1.1/excerpt", "excerpt"),
    ("wordpress.org/export/1.2/excerpt", "excerpt"), ("wordpress.org/export", "wp"),
    ("purl.org/dc/elements", "dc"), ("purl.org/dc/terms", "dcterms"), ("purl.org/dc/", "dc"),
    ("rss/1.0/modules/content", "content"), ("search.yahoo.com/mrss", "media"), ("media-rss", "media"),
    ("itunes", "itunes"), ("feedburner", "feedburner"), ("/wfw", "wfw"), ("georss", "georss"),
    ("rss/1.0/modules/slash", "slash"),
)  # fmt: skip
_KNOWN_PREFIXES = {"wp", "excerpt", "dc", "dcterms", "content", "media", "itunes", "feedburner", "georss"}
_CORE = (
    "",
    "rss",
    "atom",
    "http://www.w3.org/2005/Atom",
    "http://purl.org/atom/ns#",
    "http://purl.org/rss/1.0/",
)
_PERSON = re.compile(r"^\S+@\S+\s*\((.+)\)$|^(.+?)\s*<\S+@\S+>$")
_TEASER_WORDS = 40


@dataclass
class Fields:
    """The children of an item or channel by family and name: ``title``, ``dc:creator`` …"""

    element: Element
    named: dict[str, list[Element]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        own = _namespace(self.element)
        for child in self.element:
            name = local(child)
            if not name:
                continue
            space = _namespace(child)
            family = "" if space == own or space in _CORE else _family(space)
            self.named[f"{family}:{name}" if family else name].append(child)

    def first(self, *names: str) -> Element | None:
        """The first child of the first of these names."""
        return next((found[0] for name in names if (found := self.named.get(name))), None)

    def text(self, *names: str) -> str | None:
        """The first text under these names, as written."""
        for name in names:
            for element in self.named.get(name, ()):
                if value := "".join(str(part) for part in element.itertext()).strip():
                    return value
        return None


def parse(raw: RawFile, shared: frozenset[str] = frozenset()) -> Iterator[Article | Refusal]:
    """One article an item. A feed cut off at its end keeps the items that came through whole.

    ``shared`` are ids that are known to be other items', too, when ``raw`` is only a part of the feed.
    """
    tree = read_xml(raw.data, lenient=True)
    yield from tree.told(_articles(tree.root, shared))


def _articles(root: Element, known: frozenset[str]) -> Iterator[Article]:
    items = (
        [root] if local(root) == "entry" else [item for item in root.iter("{*}item", "{*}entry") if len(item)]
    )
    if not items:
        raise FileIgnored("a feed without items")
    channel = next(root.iter("{*}channel"), root)
    about = Fields(channel)
    fields = [Fields(item) for item in items]
    shared = {uid for uid, count in Counter(map(_guid, fields)).items() if uid and count > 1} | known
    language = attribute(root, "lang") or about.text("language", "dc:language")
    for item in fields:
        yield _article(item, about, language, shared)


def _article(item: Fields, feed: Fields, language: str | None, shared: set[str]) -> Article:
    url, guid = _link(item), _guid(item)
    if guid in shared and url and url != guid:
        guid = f"{guid} {url}"  # one id for several items: only the address tells them apart
    content, summary = _content(item), _summary(item)
    story = _story(content)
    blocks = story.blocks if story else _blocks(content) if content is not None else ()
    standfirst = None
    if summary is not None and (not blocks or summary is not content):
        if not any(block.kept for block in blocks):
            blocks = _blocks(summary)
        else:
            standfirst = line_from(_html(summary))
    headline = line_from(_html(item.first("title"))) or item.text("dc:title")
    if headline and not any(block.kept for block in blocks):
        blocks = (*blocks, Block(kind=BlockKind.PARAGRAPH, text=headline))  # a bare headline is news too
    body = " ".join(block.text for block in blocks if block.kept)
    if standfirst and body.startswith(standfirst.rstrip(".… []")[:200]):
        standfirst = None
    origin = item.first("source")
    return Article(
        uid=guid or url or "",
        status=story.status if story else Status.USABLE,
        embargo=story.embargo if story else None,
        headline=headline,
        standfirst=standfirst,
        byline=(story.byline if story else None) or _author(item) or _author(feed),
        dateline=story.dateline if story else None,
        published=_date(
            item,
            "pubDate",
            "published",
            "issued",
            "dcterms:issued",
            "dc:date",
            "dcterms:created",
            "created",
            "date",
        ),
        updated=_date(item, "updated", "modified", "dcterms:modified", "lastBuildDate"),
        language=attribute(item.element, "lang")
        or attribute(content, "lang")
        or item.text("dc:language")
        or language,
        source=line_from(feed.text("title", "dc:title")) or feed.text("dc:publisher"),
        original_source=OriginalSource(name=name) if (name := _origin(origin)) else None,
        copyright=item.text("rights", "dc:rights", "copyright")
        or feed.text("copyright", "rights", "dc:rights"),
        url=url,
        keywords=tuple(_categories(item)),
        links=tuple(_enclosures(item)),
        blocks=blocks,
    )


def _namespace(element: Element) -> str:
    tag = str(element.tag)
    return tag[1:].partition("}")[0] if tag[:1] == "{" else ""


def _family(space: str) -> str:
    if space in _KNOWN_PREFIXES:
        return space
    return next((family for part, family in _FAMILIES if part in space), "x")


def _guid(item: Fields) -> str | None:
    return item.text("guid", "id") or attribute(item.element, "about") or item.text("dc:identifier")


def _link(item: Fields) -> str | None:
    """Where the article stands: RSS's link text, Atom's alternate, or a guid that is an address."""
    candidates: list[str | None] = [item.text("feedburner:origLink")]
    links = item.named.get("link", [])
    candidates += [
        attribute(link, "href") for link in links if (attribute(link, "rel") or "alternate") == "alternate"
    ]
    candidates += [(link.text or "").strip() for link in links]
    guid = item.first("guid")
    if guid is not None and (attribute(guid, "isPermaLink") or "true").lower() != "false":
        candidates.append((guid.text or "").strip())
    return next((url for url in candidates if url and re.match(r"https?://", url)), None)


def _content(item: Fields) -> Element | None:
    """The longest of the elements that carry whole texts, vendors' own included."""
    names = (
        "content:encoded",
        "content",
        "body",
        "x:body",
        "x:encoded",
        "encoded",
        "x:fulltext",
        "fulltext",
        "x:content",
    )
    found = [element for name in names for element in item.named.get(name, ())]
    return max(found, key=lambda element: len(_html(element)), default=None)


def _summary(item: Fields) -> Element | None:
    return item.first("description", "summary", "dc:description", "itunes:summary", "media:description")


def _story(content: Element | None) -> Article | None:
    """The article in a feed that wraps whole documents of NITF or NewsML-G2, as agencies' do."""
    if content is None or not len(content):
        return None
    document = find(content, "nitf")
    if document is not None and first(document, "body") is not None:
        return nitf.read(document)
    if find(content, "newsItem") is None:
        return None
    stories = newsml_g2.articles_under(content)
    try:
        return next((story for story in stories if isinstance(story, Article)), None)
    except FileIgnored:
        return None


def _blocks(element: Element) -> tuple[Block, ...]:
    if len(element):
        return trimmed(blocks_of(element))
    kind = (attribute(element, "type") or "").lower()
    text = _html(element)
    plain = kind in {"text", "text/plain"} and not re.search(r"<(?:p|br|div)\b", text)
    return blocks_from(text, html=False if plain else None)


def _html(element: Element | None) -> str:
    """The element's content as its author wrote it, out of whichever wrapping."""
    if element is None:
        return ""
    text = "".join(str(part) for part in element.itertext())
    if (attribute(element, "mode") or "") == "base64" or (attribute(element, "encoding") or "") == "base64":
        try:
            return base64.b64decode(text, validate=False).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return ""
    return text


def _author(fields: Fields) -> str | None:
    names = []
    for element in fields.named.get("author", ()):
        inner = next(children(element, "name"), None)
        if inner is None and len(element) == 0:
            inner = element
        names.append(_person(inner.text if inner is not None else None))
    if not any(names):
        names = [
            _person(fields.text("dc:creator")),
            _person(fields.text("itunes:author", "dc:publisher", "creator")),
        ][:1]
        names = names if any(names) else [_person(fields.text("itunes:author"))]
    if not any(names) and (origin := fields.first("source")) is not None and len(origin):
        return _author(Fields(origin))
    return ", ".join(filter(None, names)) or None


def _person(text: str | None) -> str | None:
    text = line_from(text) if text else None
    if text and len(text) < 300 and (found := _PERSON.match(text)):
        return (found.group(1) or found.group(2)).strip()
    return text


def _date(item: Fields, *names: str) -> datetime | None:
    return next((date for name in names if (date := parse_date(item.text(name)))), None)


def _origin(source: Element | None) -> str | None:
    if source is None:
        return None
    title = next(children(source, "title"), None)
    return (
        line_from(_html(title if title is not None else source))
        if title is not None or not len(source)
        else None
    )


def _categories(item: Fields) -> Iterator[str]:
    for name in ("category", "dc:subject", "media:keywords", "itunes:keywords"):
        for element in item.named.get(name, ()):
            words = line_from(element.text) or attribute(element, "label", "term")
            if words:
                yield from words.split(",") if name.endswith("keywords") else [words]


def _enclosures(item: Fields) -> Iterator[Link]:
    for element in item.named.get("enclosure", ()):
        if target := attribute(element, "url", "href"):
            yield Link(rel="enclosure", target=target)
