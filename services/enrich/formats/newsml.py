"""NewsML 1.0 to 1.2 (IPTC, 2000-2003), as AFP, Belga, EFE, Kyodo, ATS, TASS and others still send it."""

import re
from collections.abc import Iterator
from datetime import datetime

from services.enrich.formats import nitf
from services.enrich.formats.content import blocks_from, blocks_under, from_base64
from services.enrich.formats.dateline import place_in
from services.enrich.formats.dates import parse_date
from services.enrich.formats.subjects import iptc_subject
from services.enrich.formats.xml import (
    Element,
    attribute,
    children,
    every,
    find,
    first,
    local,
    read_xml,
    text_of,
)
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, Block, BlockKind, Dateline, Link, RawFile, Refusal, Status, Subject

_NOT_BODY = {
    "title", "lead", "abstract", "summary", "caption", "headline", "stylesheet", "logo", "contact",
    "tweettext", "photo", "picture", "thumbnail", "preview", "quicklook", "highdef", "graphic",
    "audio", "video", "url", "keywords", "slug", "teaser", "subtitle", "image",
}  # fmt: skip
_LEADS = {"lead", "abstract", "summary", "teaser"}
_EVERY_SUBJECT = ("Subject", "SubjectMatter", "SubjectDetail", "SubjectQualifier")


def parse(raw: RawFile) -> Iterator[Article | Refusal]:
    """One article for each NewsItem with text; an index of items and pictures alone hold none."""
    tree = read_xml(raw.data)
    yield from tree.told(articles_under(tree.root))


def articles_under(root: Element) -> Iterator[Article | Refusal]:
    """One article for each NewsItem of text under ``root``. Raises ``FileIgnored`` if none."""
    items = list(every(root, "NewsItem"))
    texts = [item for item in items if _has_text(item) or _status(item) is Status.CANCELED]
    if not texts:
        raise FileIgnored(
            "NewsML without an item of text, such as an index" if items else "NewsML without items"
        )
    for item in texts:
        for language, scope in _editions(item):
            try:
                yield _article(item, scope, language)
            except ArticleRejected as rejected:
                name = text_of(find(item, "NewsItemId")) or "NewsItem"
                yield Refusal(reason=rejected.reason, detail=rejected.detail, item=name[:200])


def _editions(item: Element) -> Iterator[tuple[str | None, Element]]:
    """The item itself, or its components when they tell the story in several languages.

    The first language keeps the identifier, the others add theirs to it.
    """
    component = first(item, "NewsComponent")
    parts: dict[str, Element] = {}
    if component is not None:
        for part in children(component, "NewsComponent"):
            if (language := attribute(part, "lang")) and any(True for _ in _body_pieces(part)):
                parts.setdefault(language, part)
    if len(parts) < 2:
        yield None, item
        return
    for position, (language, part) in enumerate(parts.items()):
        yield language if position else None, part


def _article(item: Element, scope: Element, edition: str | None) -> Article:
    status, management = _status(item), first(item, "NewsManagement")
    inner, blocks = _content(scope)
    headline = _line(scope, "HeadLine", "TitleLine") or _piece(scope, {"title", "headline"})
    headline = headline or (inner.headline if inner else None)
    lead = _piece(scope, _LEADS)
    if not any(block.kept for block in blocks) and status is not Status.CANCELED:
        text = lead or headline
        if not text:
            raise ArticleRejected(Reason.NO_TEXT, "a NewsItem without text or headline")
        blocks, lead = (*blocks, Block(kind=BlockKind.PARAGRAPH, text=text)), None
    place = place_in(_line(scope, "DateLine") or "")
    language = attribute(find(scope, "Language"), "FormalName") or attribute(
        find(scope, "NewsComponent"), "lang"
    )
    uid = _uid(item)
    return Article(
        uid=f"{uid}:{edition}" if edition and uid else uid,
        version=text_of(find(item, "RevisionId")),
        status=status,
        headline=headline,
        standfirst=_line(scope, "SubHeadLine") or lead,
        byline=_line(scope, "ByLine") or (inner.byline if inner else None),
        dateline=Dateline(text=place) if place else (inner.dateline if inner else None),
        published=parse_date(text_of(first(management, "FirstCreated"))),
        updated=parse_date(text_of(first(management, "ThisRevisionCreated"))),
        embargo=_embargo(management),
        language=language or attribute(item, "lang"),
        source=_source(item),
        provider=text_of(find(item, "ProviderId")),
        credit=_line(scope, "CreditLine"),
        copyright=_line(scope, "CopyrightLine"),
        editorial_note=_instruction(management),
        subjects=tuple(_subjects(scope)) or (inner.subjects if inner else ()),
        keywords=tuple(_keywords(scope)),
        genre=attribute(find(scope, "Genre"), "FormalName"),
        urgency=_urgency(management),
        links=tuple(_links(management)),
        blocks=blocks,
    )


def _status(item: Element) -> Status:
    management = first(item, "NewsManagement")
    value = (attribute(first(management, "Status"), "FormalName") or "usable").lower()
    if value.startswith("cancel") or value in {"killed", "deleted"}:
        return Status.CANCELED
    if value == "withheld" or (value == "embargoed" and _embargo(management) is None):
        return Status.WITHHELD
    return Status.USABLE


def _embargo(management: Element | None) -> datetime | None:
    """The moment from which the item becomes usable."""
    change = first(management, "StatusWillChange")
    future = (attribute(first(change, "FutureStatus"), "FormalName") or "").lower()
    return parse_date(text_of(first(change, "DateAndTime"))) if future == "usable" else None


def _uid(item: Element) -> str:
    """The public identifier without its revision; some senders write a constant there."""
    public, own = text_of(find(item, "PublicIdentifier")), text_of(find(item, "NewsItemId"))
    if public and (own is None or own in public) and own != "0":
        revision = text_of(find(item, "RevisionId"))
        stable = re.sub(r":\d+[NAU]?$", "", public) if revision else public
        return stable if own is None or own in stable else public
    if own and own != "0":
        provider, date = text_of(find(item, "ProviderId")), text_of(find(item, "DateId"))
        return own if public or not (provider and date) else f"urn:newsml:{provider}:{date}:{own}"
    own = text_of(find(item, "guid")) or attribute(first(item, "NewsComponent"), "Duid")
    return own if own and own != "0" else ""


def _line(item: Element, *names: str) -> str | None:
    """A news line of the item, the text's own component before the pictures beside it."""
    for name in names:
        for lines in every(item, "NewsLines"):
            owner = lines.getparent()
            if owner is not None and _role(owner) in {"caption", "photo", "picture"}:
                continue
            if text := text_of(first(lines, name)):
                return text
    return None


def _role(component: Element) -> str:
    return (attribute(first(component, "Role"), "FormalName") or "").lower()


def _bodies(item: Element) -> Iterator[tuple[str, Element]]:
    """(role, DataContent) of every piece of text; the role may stand on any component around it."""
    for content in every(item, "DataContent"):
        role, media = "", ""
        for ancestor in content.iterancestors():
            name = local(ancestor)
            if name == "ContentItem":
                media = (attribute(first(ancestor, "MediaType"), "FormalName") or "").lower()
            if name == "NewsComponent":
                role = role or _role(ancestor)
            if name == "NewsItem":
                break
        if media not in {"photo", "picture", "graphic", "video", "audio", "image"}:
            yield role, content


def _has_text(item: Element) -> bool:
    return any(True for _ in _bodies(item))


def _body_pieces(component: Element) -> Iterator[Element]:
    return (content for role, content in _bodies(component) if role not in _NOT_BODY)


def _content(item: Element) -> tuple[Article | None, tuple[Block, ...]]:
    """The longest piece that is body; translations and summaries of the same story are shorter or later."""
    best: tuple[int, Article | None, tuple[Block, ...]] = (0, None, ())
    for role, content in _bodies(item):
        if role in _NOT_BODY:
            continue
        inner, blocks = _read(content)
        size = sum(len(block.text) for block in blocks if block.kept)
        if size > best[0]:
            best = (size, inner, blocks)
            if role in {"main", "body"}:
                break
    return best[1], best[2]


def _read(content: Element) -> tuple[Article | None, tuple[Block, ...]]:
    document = find(content, "nitf")
    if document is not None and first(document, "body") is not None:
        inner = nitf.read(document)
        return inner, inner.blocks
    if len(content):
        return None, blocks_under(content, line_break=" ")
    text = (content.text or "").strip()
    if "base64" in (attribute(content.getparent(), "Notation") or "").lower():
        text = from_base64(text)
    return None, blocks_from(text) if text else ()


def _piece(scope: Element, roles: set[str]) -> str | None:
    """The text of a component with one of these roles, as one line."""
    for role, content in _bodies(scope):
        if role in roles and (blocks := _read(content)[1]):
            return " ".join(block.text for block in blocks if block.kept) or None
    return None


def _source(item: Element) -> str | None:
    envelope = find(item.getroottree().getroot(), "NewsEnvelope")
    for scope, name in ((item, "Provider"), (envelope, "SentFrom"), (item, "Source"), (item, "Creator")):
        for element in every(scope, name) if scope is not None else ():
            if party := attribute(first(element, "Party"), "FormalName"):
                return party
    return _line(item, "CreditLine") or text_of(find(item, "ProviderId"))


def _instruction(management: Element | None) -> str | None:
    if management is None:
        return None
    texts = [
        text_of(element) or attribute(element, "FormalName")
        for element in children(management, "Instruction")
    ]
    return "\n".join(filter(None, texts)) or None


def _subjects(item: Element) -> Iterator[Subject]:
    for code in every(item, *_EVERY_SUBJECT):
        if subject := iptc_subject(attribute(code, "FormalName") or ""):
            yield subject


def _keywords(item: Element) -> Iterator[str]:
    for line in every(item, "KeywordLine"):
        if text := text_of(line):
            yield from re.split(r"\s*[,;]\s*", text)
    for entry in every(item, "Property"):
        if attribute(entry, "FormalName") == "Keyword" and (value := attribute(entry, "Value")):
            yield value


def _urgency(management: Element | None) -> int | None:
    urgency = first(management, "Urgency")
    value = attribute(urgency, "FormalName") or text_of(urgency) or ""
    return int(value) if re.fullmatch("[1-9]", value) else None


def _links(management: Element | None) -> Iterator[Link]:
    if management is None:
        return
    for relation in ("AssociatedWith", "DerivedFrom"):
        for link in children(management, relation):
            if target := attribute(link, "NewsItem"):
                yield Link(rel=relation[0].lower() + relation[1:], target=target)
