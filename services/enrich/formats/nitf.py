"""NITF 3.x (IPTC News Industry Text Format), read by element name with or without a namespace."""

import re
from collections.abc import Iterator
from datetime import datetime

from services.enrich.formats.content import blocks_under
from services.enrich.formats.dateline import place_in
from services.enrich.formats.dates import parse_date
from services.enrich.formats.subjects import iptc_subject, subject_of
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
from services.errors import ArticleRejected, Reason
from services.models import Article, Block, BlockKind, Dateline, Link, RawFile, Refusal, Status, Subject

_COUNTED = re.compile(r"(N[A-Z]{3}\d{6}_\d{6}_[a-z]{2})_(\d\d)")
_STATUS = {"usable": Status.USABLE, "embargoed": Status.USABLE, "withheld": Status.WITHHELD}


def parse(raw: RawFile) -> Iterator[Article | Refusal]:
    """One article a file."""
    tree = read_xml(raw.data)
    yield from tree.told([read(tree.root)])


def read(nitf: Element | None) -> Article:
    """The article in an ``nitf`` element, on its own or inside NewsML or ninjs."""
    if nitf is None or first(nitf, "body") is None:
        raise ArticleRejected(Reason.SCHEMA, "an nitf element without a body; expected NITF 3.x")
    head, body = first(nitf, "head"), first(nitf, "body")
    docdata, body_head = find(head, "docdata"), first(body, "body.head")
    content = first(body, "body.content")
    issued = _date(docdata, "date.issue")
    published = issued or parse_date(attribute(find(head, "pubdata"), "date.publication"))
    published = published or parse_date(attribute(find(body_head, "story.date"), "norm"))
    uid, version = _identity(docdata)
    byline = _byline(body_head)
    blocks = list(blocks_under(content, line_break=" ")) if content is not None else []
    standfirst = " ".join(filter(None, map(text_of, _paragraphs(find(body_head, "abstract"))))) or None
    if not any(block.kept for block in blocks) and standfirst:
        blocks.append(Block(kind=BlockKind.PARAGRAPH, text=standfirst))
    return Article(
        uid=uid or "",
        version=version,
        status=_status(docdata),
        headline=_headline(head, body_head),
        standfirst=standfirst,
        byline=byline,
        dateline=_dateline(body_head),
        published=published,
        updated=_revised(docdata),
        embargo=_embargo(docdata, issued),
        language=attribute(nitf, "baselang", "lang") or attribute(find(content, "p"), "lang"),
        source=_source(docdata, body_head),
        credit=attribute(find(docdata, "doc.copyright"), "holder"),
        copyright=text_of(find(body_head, "rights")),
        editorial_note=_note(docdata, body_head),
        subjects=tuple(_subjects(head)),
        keywords=tuple(_keywords(head)),
        genre=attribute(find(head, "tobject.property"), "tobject.property.type"),
        urgency=_urgency(find(head, "urgency") if head is not None else None),
        links=tuple(_links(docdata)),
        story=attribute(find(docdata, "du-key"), "key"),
        blocks=tuple(blocks),
    )


def _identity(docdata: Element | None) -> tuple[str | None, str | None]:
    """The document's id and version. NTB counts versions at the id's end: its stories stay one."""
    uid = attribute(find(docdata, "doc-id"), "id-string")
    version = attribute(find(docdata, "du-key"), "version")
    if uid and not version and (found := _COUNTED.fullmatch(uid)):
        return found.group(1), found.group(2)
    return uid, version


def _paragraphs(element: Element | None) -> list[Element]:
    if element is None:
        return []
    return list(children(element, "p")) or [element]


def _date(docdata: Element | None, name: str) -> datetime | None:
    return parse_date(attribute(find(docdata, name), "norm"))


def _status(docdata: Element | None) -> Status:
    """An embargoed document is usable from its release on: the date holds it back, not the status."""
    value = (attribute(docdata, "management-status") or "usable").lower()
    if value.startswith("cancel") or value in {"killed", "kill"}:
        return Status.CANCELED
    if value == "embargoed" and not attribute(find(docdata, "date.release"), "norm"):
        return Status.WITHHELD
    return _STATUS.get(value, Status.USABLE)


def _embargo(docdata: Element | None, issued: datetime | None) -> datetime | None:
    """A release after the issue; agencies that always send both, equal, mean none."""
    release = _date(docdata, "date.release")
    embargoed = (attribute(docdata, "management-status") or "").lower() == "embargoed"
    if release is None or (issued is not None and release <= issued and not embargoed):
        return None
    return release if embargoed or issued is not None else None


def _revised(docdata: Element | None) -> datetime | None:
    if docdata is None:
        return None
    dates = [parse_date(attribute(entry, "norm")) for entry in every(docdata, "revision-history")]
    return max((date for date in dates if date), default=None)


def _headline(head: Element | None, body_head: Element | None) -> str | None:
    hedline = find(body_head, "hedline")
    return text_of(find(hedline, "hl1")) or text_of(hedline) or text_of(first(head, "title"))


def _byline(body_head: Element | None) -> str | None:
    """``byttl`` is the writer's title; a byline that is a sentence is a subtitle in the wrong place."""
    byline = find(body_head, "byline")
    if byline is None:
        return None
    people = [text_of(person) for person in every(byline, "person")]
    name = ", ".join(filter(None, people)) or _own_text(byline)
    if (
        not name
        or (len(name.split()) > 7 and not re.match(r"(?i)by\b", name))
        or re.fullmatch(r"[a-z]{2,3}(/[a-z]{2,3})*", name)
    ):
        return None
    return name


def _own_text(byline: Element) -> str | None:
    parts = [byline.text or ""]
    for child in byline:
        if local(child) != "byttl":
            parts.append(text_of(child) or "")
        parts.append(child.tail or "")
    return " ".join(" ".join(parts).split()).strip(" ,") or text_of(byline)


def _dateline(body_head: Element | None) -> Dateline | None:
    dateline = find(body_head, "dateline")
    if dateline is None:
        return None
    location = find(dateline, "location")
    place = text_of(find(location, "city")) or text_of(location) or text_of(find(dateline, "city"))
    text = place_in(place or _own_text(dateline) or "")
    return Dateline(text=text) if text else None


def _source(docdata: Element | None, body_head: Element | None) -> str | None:
    distributor = find(body_head, "distributor")
    return (
        text_of(find(distributor, "org"))
        or text_of(distributor)
        or attribute(find(docdata, "doc.copyright"), "holder")
        or attribute(find(docdata, "from-src"), "src-name")
        or attribute(find(docdata, "doc-id"), "regsrc")
    )


def _note(docdata: Element | None, body_head: Element | None) -> str | None:
    notes = [attribute(find(docdata, "ed-msg"), "info")]
    if docdata is not None:
        notes += [attribute(entry, "comment") for entry in every(docdata, "revision-history")]
    if body_head is not None:
        notes += [text_of(note) for note in every(body_head, "note")]
    return "\n".join(filter(None, notes)) or None


def _subjects(head: Element | None) -> Iterator[Subject]:
    if head is None:
        return
    for subject in every(head, "tobject.subject"):
        name = attribute(subject, "tobject.subject.detail", "tobject.subject.matter", "tobject.subject.type")
        code = attribute(subject, "tobject.subject.refnum") or ""
        owner = attribute(subject, "tobject.subject.ipr") or "IPTC"
        known = subject_of(code, name) if owner.upper() == "IPTC" else None
        if known or name or code:
            yield known or Subject(scheme=owner, name=name or code)
    for meta in every(head, "meta"):
        if (attribute(meta, "name") or "").lower() == "category_iptc":
            for code in re.split(r"[,; ]+", attribute(meta, "content") or ""):
                if known := iptc_subject(code):
                    yield known


def _keywords(head: Element | None) -> Iterator[str]:
    if head is None:
        return
    for keyword in every(head, "keyword"):
        if word := attribute(keyword, "key"):
            yield word
        elif text := text_of(keyword):
            yield from re.split("[,;]", text)
    for meta in every(head, "meta"):
        if (attribute(meta, "name") or "").lower() in {"keywords", "ntbstikkord"} and (
            words := attribute(meta, "content")
        ):
            yield from re.split("[,;]", words)


def _urgency(urgency: Element | None) -> int | None:
    value = attribute(urgency, "ed-urg")
    return int(value) if value and value.isdigit() and 1 <= int(value) <= 9 else None


def _links(docdata: Element | None) -> Iterator[Link]:
    """The other document this one manages: the one it replaces, cancels or follows."""
    target = attribute(docdata, "management-doc-idref")
    if target:
        yield Link(rel=(attribute(docdata, "management-idref-status") or "related").lower(), target=target)
