"""NewsML-G2 2.x (IPTC): newsItem alone or in a newsMessage; packages, concepts and plans hold no article.

Read by local name, since some senders leave the namespace out or bind it to odd prefixes.
"""

import re
from collections.abc import Iterator

from services.enrich.formats import nitf
from services.enrich.formats.content import blocks_from, blocks_under, from_base64, line_from
from services.enrich.formats.dateline import place_in
from services.enrich.formats.dates import parse_date
from services.enrich.formats.subjects import subject_of
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

_BYLINE = re.compile(r"^(?:By|Von|Par|Por)\s+(?=\S+\s+\S)[^.!?\d]{5,100}$")
_WRITER = re.compile(r"author|writer|reporter|byline|cpnat:person", re.IGNORECASE)
_KICKER = re.compile(r"kicker|overline|dachzeile", re.IGNORECASE)
_SUBHEAD = re.compile(r"sub|teaser|short|alt", re.IGNORECASE)
_SUMMARY = re.compile(r"summary|teaser|abstract|lead|intro", re.IGNORECASE)


def parse(raw: RawFile) -> Iterator[Article | Refusal]:
    """One article for each newsItem that carries text."""
    tree = read_xml(raw.data)
    yield from tree.told(articles_under(tree.root))


def articles_under(root: Element) -> Iterator[Article | Refusal]:
    """One article for each newsItem of text at or under ``root``. Raises ``FileIgnored`` if none."""
    items = [root] if local(root) == "newsItem" else list(every(root, "newsItem"))
    texts = [item for item in items if _is_text(item)]
    if not texts:
        kinds = {local(element) for element in root.iter() if local(element) in _OTHERS}
        what = "pictures or other media" if items else ", ".join(sorted(kinds)) or local(root)
        raise FileIgnored(f"NewsML-G2 that holds {what}, no text")
    for item in texts:
        try:
            yield _article(item)
        except ArticleRejected as rejected:
            name = attribute(item, "guid") or "newsItem"
            yield Refusal(reason=rejected.reason, detail=rejected.detail, item=name[:200])


_OTHERS = {"packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem"}


def _is_text(item: Element) -> bool:
    kind = _code(first(item, "itemMeta", "itemClass"))
    return kind in {"text", "composite", ""}


def _code(element: Element | None) -> str:
    """The last part of a qcode or URI: ``stat:canceled`` and its address are both ``canceled``."""
    return re.split(r"[:/]", attribute(element, "qcode", "uri", "literal") or "")[-1].lower()


def _article(item: Element) -> Article:
    about, content = first(item, "itemMeta"), first(item, "contentMeta")
    status = _status(about)
    inner, blocks = _content(item)
    headline = _headline(content) or _title(about) or (inner.headline if inner else None) or _h1(item)
    byline = text_of(first(content, "by")) or (inner.byline if inner else None) or _creator(content)
    if not byline:
        byline, blocks = _byline_of(blocks)
    summary, kicker = _described(content), _kicker(content)
    blocks = tuple(_without_fields(blocks, headline, kicker, byline, summary))
    if not any(block.kept for block in blocks) and status is not Status.CANCELED:
        if not (summary or (headline and find(item, "contentSet") is None)):
            raise ArticleRejected(
                Reason.NO_TEXT, f"no text in {headline or attribute(item, 'guid') or 'newsItem'!r}"
            )
        blocks = (*blocks, Block(kind=BlockKind.PARAGRAPH, text=summary or headline or ""))
        summary = None
    return Article(
        uid=attribute(item, "guid") or "",
        version=attribute(item, "version"),
        status=status,
        headline=headline,
        kicker=kicker,
        standfirst=summary,
        byline=byline,
        dateline=_dateline(content) or (inner.dateline if inner else None),
        published=parse_date(text_of(first(about, "firstCreated")))
        or parse_date(text_of(first(content, "contentCreated"))),
        updated=parse_date(text_of(first(about, "versionCreated")))
        or parse_date(text_of(first(content, "contentModified"))),
        embargo=parse_date(text_of(first(about, "embargoed"))),
        language=attribute(first(content, "language"), "tag") or attribute(item, "lang"),
        source=_source(about, content),
        provider=_name(first(about, "provider")),
        credit=text_of(first(content, "creditline")),
        copyright=text_of(find(first(item, "rightsInfo"), "copyrightNotice")),
        editorial_note=_notes(about),
        subjects=tuple(_subjects(item, content)) or (inner.subjects if inner else ()),
        keywords=tuple(word for word in map(text_of, children(content, "keyword")) if word)
        if content is not None
        else (),
        genre=_name(first(content, "genre")),
        urgency=_urgency(content),
        links=tuple(_links(about)),
        blocks=blocks,
    )


def _status(about: Element | None) -> Status:
    value = _code(first(about, "pubStatus"))
    if value.startswith("cancel"):
        return Status.CANCELED
    embargo = text_of(first(about, "embargoed"))  # an empty one is filler; words hold until a person acts
    unreadable = embargo is not None and parse_date(embargo) is None
    return Status.WITHHELD if value == "withheld" or unreadable else Status.USABLE


def _content(item: Element) -> tuple[Article | None, tuple[Block, ...]]:
    """The body, and the NITF document it came in, if it did. Several renditions are the same text."""
    content_set = first(item, "contentSet")
    if content_set is None:
        return None, ()
    for inline in children(content_set, "inlineXML"):
        document = find(inline, "nitf")
        if document is not None and first(document, "body") is not None:
            inner = nitf.read(document)
            if any(block.kept for block in inner.blocks):
                return inner, inner.blocks
            continue
        page = find(inline, "body")
        if blocks := blocks_under(inline if page is None else page):
            return None, blocks
    data = [text for inline in children(content_set, "inlineData") if (text := _data(inline))]
    return None, max(
        (blocks_from(text) for text in data), key=lambda found: sum(len(b.text) for b in found), default=()
    )


def _data(inline: Element) -> str:
    text = "".join(map(str, inline.itertext())).strip()
    return from_base64(text) if "base64" in (attribute(inline, "encoding") or "").lower() else text


def _headline(content: Element | None) -> str | None:
    """The headline of the lowest rank that is neither kicker nor subhead."""
    if content is None:
        return None
    found = []
    for position, headline in enumerate(children(content, "headline")):
        role, rank = attribute(headline, "role") or "", attribute(headline, "rank") or "1"
        text = text_of(headline)
        if text and not _KICKER.search(role):
            found.append((bool(_SUBHEAD.search(role)), int(rank) if rank.isdigit() else 9, position, text))
    return min(found)[-1] if found else None


def _kicker(content: Element | None) -> str | None:
    if content is None:
        return None
    for headline in children(content, "headline"):
        if _KICKER.search(attribute(headline, "role") or "") or attribute(headline, "rank") == "3":
            return text_of(headline)
    return None


def _title(about: Element | None) -> str | None:
    """Titles with a role are topics and file names; one without stands for a missing headline."""
    if about is None:
        return None
    return next((text_of(title) for title in children(about, "title") if not attribute(title, "role")), None)


def _h1(item: Element) -> str | None:
    return text_of(find(first(item, "contentSet"), "h1"))


def _creator(content: Element | None) -> str | None:
    """A creator is often a login or the agency itself: only one marked as a writer signs the story."""
    if content is None:
        return None
    for creator in children(content, "creator"):
        marks = " ".join(filter(None, (attribute(creator, "role"), attribute(creator, "type"))))
        name = _name(creator)
        if name and " " in name and _WRITER.search(marks):
            return name
    return None


def _byline_of(blocks: tuple[Block, ...]) -> tuple[str | None, tuple[Block, ...]]:
    """Reuters signs in the first paragraph."""
    for index, block in enumerate(blocks[:3]):
        if block.kept and _BYLINE.match(block.text):
            signed = block.model_copy(update={"kind": BlockKind.BYLINE, "kept": False})
            return block.text, (*blocks[:index], signed, *blocks[index + 1 :])
    return None, blocks


def _without_fields(
    blocks: tuple[Block, ...],
    headline: str | None,
    kicker: str | None,
    byline: str | None,
    summary: str | None,
) -> Iterator[Block]:
    """The page often repeats headline, kicker, byline and teaser above the text: fields, not body."""
    fields = {
        _fold(summary): BlockKind.STANDFIRST,
        _fold(byline): BlockKind.BYLINE,
        _fold(kicker): BlockKind.HEADLINE,
        _fold(headline): BlockKind.HEADLINE,
    }
    left = sum(block.kept for block in blocks)
    for index, block in enumerate(blocks):
        kind = fields.get(_fold(block.text)) if index < 9 and block.kept and left > 1 else None
        if kind is None:
            yield block
        else:
            left -= 1
            yield block.model_copy(update={"kind": kind, "kept": False})


def _fold(text: str | None) -> str:
    return re.sub(r"\W+", "", (text or "").casefold())


def _described(content: Element | None) -> str | None:
    if content is None:
        return None
    for description in children(content, "description"):
        if _SUMMARY.search(attribute(description, "role") or "summary"):
            return line_from(text_of(description))
    return None


def _dateline(content: Element | None) -> Dateline | None:
    """Reuters writes a time stamp here, and ``located`` may be the desk: neither is a place."""
    place = place_in(text_of(first(content, "dateline")) or "")
    return Dateline(text=place) if place else None


def _name(element: Element | None) -> str | None:
    if element is None:
        return None
    return (
        text_of(first(element, "name")) or attribute(element, "literal") or _bare(attribute(element, "qcode"))
    )


def _bare(qcode: str | None) -> str | None:
    return qcode.rpartition(":")[2] if qcode else None


def _source(about: Element | None, content: Element | None) -> str | None:
    if content is not None:
        for source in children(content, "infoSource"):
            if not re.search("phot", attribute(source, "role") or "") and (name := _name(source)):
                return name
    return _name(first(about, "provider")) or text_of(first(content, "creditline"))


def _notes(about: Element | None) -> str | None:
    """Notes to editors, without those that are not for publication: they hold telephone numbers."""
    if about is None:
        return None
    notes = []
    for note in children(about, "edNote"):
        private = "nonpublic" in (attribute(note, "pubconstraint") or "") or any(
            "nonpublic" in (attribute(inner, "class") or "") for inner in note.iter("{*}section", "{*}div")
        )
        if not private and (text := text_of(note)):
            notes.append(text)
    return "\n".join(notes) or None


def _subjects(item: Element, content: Element | None) -> Iterator[Subject]:
    """IPTC's own codes, also where a sender's subject points to one; other codes keep their name."""
    if content is None:
        return
    aliases = {attribute(scheme, "alias"): attribute(scheme, "uri") for scheme in every(item, "scheme")}
    for subject in children(content, "subject"):
        name = text_of(first(subject, "name"))
        references = [subject, *children(subject, "sameAs"), *children(subject, "broader")]
        known = [found for entry in references if (found := _known(entry, name, aliases))]
        yield from known
        if not known:
            alias, _, code = (attribute(subject, "qcode") or "").partition(":")
            label = name or attribute(subject, "literal") or code
            if label:
                yield Subject(scheme=alias or "local", name=label)


def _known(entry: Element, name: str | None, aliases: dict[str | None, str | None]) -> Subject | None:
    own = text_of(first(entry, "name")) or name
    for reference in (attribute(entry, "qcode"), attribute(entry, "uri"), attribute(entry, "literal")):
        if not reference:
            continue
        alias, _, code = reference.partition(":")
        address = aliases.get(alias)
        full = f"{address.rstrip('/')}/{code}" if address else reference
        if alias != reference and (found := subject_of(full, own)):
            return found
    return None


def _urgency(content: Element | None) -> int | None:
    value = text_of(first(content, "urgency")) or ""
    return int(value) if re.fullmatch("[1-9]", value) else None


def _links(about: Element | None) -> Iterator[Link]:
    if about is None:
        return
    for link in children(about, "link"):
        if target := attribute(link, "residref", "href"):
            relation = (attribute(link, "rel") or "related").rpartition(":")[2]
            yield Link(rel=relation, target=target, title=text_of(first(link, "title")))
