"""ninjs 1.x, 2.x and 3.x (IPTC News in JSON), Superdesk's flavour and AP's Media API included.

Version 1 is flat (``body_html``), 2 has lists of roles (``bodies``), 3 the same in camelCase. Keys are
folded to lower case without underscores, so one reader serves all three.
"""

import re
from collections.abc import Iterator
from typing import Any

from services.enrich.formats.content import blocks_from, line_from
from services.enrich.formats.dates import parse_date
from services.enrich.formats.subjects import subject_of
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, Block, Dateline, Link, RawFile, Status, Subject

_MARKERS = {
    "pubstatus", "versioncreated", "representationtype", "bodytext",
    "bodyhtml", "bodyxhtml", "bodies", "headlines",
    "descriptions", "infosource", "infosources", "renditions", "associations", "eventdetails", "$standard",
    "standard", "descriptiontext", "contentcreated",
    "firstcreated", "trustindicator", "altids", "planningdetails",
}  # fmt: skip
_NOT_TEXT = {"audio", "video", "picture", "graphic", "event", "planning", "photo", "animation", "component"}
_WITHDRAWN = {"canceled", "cancelled", "killed", "deleted"}


def recognises(item: dict[str, Any]) -> bool:
    """An id and at least one key that only ninjs uses."""
    if not isinstance(item.get("uri", item.get("guid")), str):
        return False
    keys = {_fold(key) for key in item}
    return bool(keys & _MARKERS) or (
        item.get("type") in _NOT_TEXT | {"text", "composite"} and "headline" in keys
    )


def read(item: dict[str, Any], _raw: RawFile) -> Iterator[Article]:
    """One article; pictures, events and plans are no articles."""
    fields = {_fold(key): value for key, value in item.items()}
    kind = str(fields.get("type") or ("event" if "eventdetails" in fields else "")).lower()
    status = _status(fields)
    if kind in _NOT_TEXT and status is not Status.CANCELED:
        raise FileIgnored(f"a {kind}, not an article")
    headline = _text(fields, "headline", "main") or line_from(fields.get("title"))
    summary = _described(fields)
    blocks = _body(fields) if status is not Status.CANCELED else ()
    nested: Article | None = None
    if not any(block.kept for block in blocks) and status is not Status.CANCELED:
        nested = _embedded_nitf(fields)
        if kind == "composite" and nested is None and not summary:
            raise FileIgnored("a package of links, not an article")
        blocks = nested.blocks if nested else (*blocks, *blocks_from(summary or headline or ""))
        summary = summary if nested else None
    located = line_from(fields.get("located"))
    yield Article(
        uid=_uid(fields),
        version=_version(fields.get("version")),
        status=status,
        headline=headline,
        kicker=_text(fields, "headline", "kicker"),
        standfirst=line_from(summary),
        byline=_byline(fields),
        authors=tuple(_authors(fields)),
        dateline=Dateline(text=located) if located else None,
        published=parse_date(fields.get("firstpublished"))
        or parse_date(fields.get("firstcreated"))
        or parse_date(fields.get("contentcreated")),
        updated=parse_date(fields.get("versioncreated")),
        embargo=parse_date(fields.get("embargoed")),
        language=line_from(fields.get("language")),
        source=line_from(fields.get("source")) or line_from(fields.get("provider")) or _holder(fields),
        copyright=line_from(fields.get("copyrightnotice")),
        credit=line_from(fields.get("copyrightholder")) or line_from(fields.get("creditline")),
        editorial_note=_note(fields),
        url=_url(fields),
        subjects=tuple(_subjects(fields)),
        keywords=tuple(_words(fields.get("keywords"))),
        genre=next(_words(fields.get("genre") or fields.get("genres")), None),
        urgency=_urgency(fields.get("urgency")),
        links=tuple(_links(fields)),
        blocks=blocks,
    )


def _fold(key: str) -> str:
    return key.replace("_", "").lower()


def _status(fields: dict[str, Any]) -> Status:
    """British spelling is outside the schema, but a kill must not miss its story for a letter."""
    value = str(fields.get("pubstatus") or "usable").rpartition(":")[2].lower()
    if value in _WITHDRAWN:
        return Status.CANCELED
    unreadable_embargo = bool(fields.get("embargoed")) and parse_date(fields["embargoed"]) is None
    return Status.WITHHELD if value == "withheld" or unreadable_embargo else Status.USABLE


def _uid(fields: dict[str, Any]) -> str:
    """AP's address carries a signed query that changes with each request: its item id does not."""
    altids = fields.get("altids")
    if (
        isinstance(altids, dict)
        and (own := line_from(altids.get("itemid")))
        and "?" in str(fields.get("uri") or "?")
    ):
        return own
    return line_from(fields.get("uri")) or line_from(fields.get("guid")) or ""


def _version(value: Any) -> str | None:
    return (
        str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) and value != "" else None
    )


def _roles(fields: dict[str, Any], name: str) -> list[tuple[str, str, str]]:
    """(role, content type, value) of a 2.x/3.x list such as ``headlines``."""
    plural = {"headline": "headlines", "body": "bodies", "description": "descriptions"}[name]
    entries = fields.get(plural)
    found = []
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        folded = {_fold(key): value for key, value in entry.items()}
        value = folded.get("value")
        if isinstance(value, str) and value.strip():
            found.append(
                (str(folded.get("role") or "").lower(), str(folded.get("contenttype") or "").lower(), value)
            )
    return found


def _text(fields: dict[str, Any], name: str, role: str) -> str | None:
    roles = _roles(fields, name)
    exact = next((value for found, _, value in roles if found == role), None)
    if exact is None and role == "main":
        others = [value for found, _, value in roles if found not in {"kicker", "subhead"}]
        exact = others[0] if others else None
        if exact is None and not isinstance(fields.get(name), (dict, list)):
            exact = fields.get(name)
    return line_from(exact)


def _described(fields: dict[str, Any]) -> str | None:
    for role, _, value in _roles(fields, "description"):
        if role not in {"usageterms", "copyright"}:
            return value
    for key in ("descriptiontext", "descriptionhtml", "descriptionsummary", "headlineextended"):
        text = fields.get(key)
        if isinstance(text, str) and text.strip():
            return text
    return None


def _body(fields: dict[str, Any]) -> tuple[Block, ...]:
    """The same text comes in several types: HTML keeps the paragraphs."""
    bodies = [(kind, value) for _, kind, value in _roles(fields, "body") if "nitf" not in kind]
    html = next((value for kind, value in bodies if "html" in kind), None)
    plain = next((value for kind, value in bodies if "html" not in kind), None)
    for key in ("bodyhtml", "bodyxhtml", "bodytext"):
        value = fields.get(key)
        if isinstance(value, (dict, list)):
            raise ArticleRejected(Reason.TYPE_MISMATCH, f"{key} holds {type(value).__name__}; expected text")
        if isinstance(value, str) and value.strip():
            if key == "bodytext":
                plain = plain or value
            else:
                html = html or value
    if html and (blocks := blocks_from(html, html=True)) and any(block.kept for block in blocks):
        return blocks
    if plain and _embedded_nitf(fields) is None:
        return blocks_from(plain)
    return ()


def _embedded_nitf(fields: dict[str, Any]) -> Article | None:
    """A whole NITF document as a JSON string."""
    from services.enrich.formats import nitf
    from services.enrich.formats.xml import find, local, parse_text

    for _, kind, value in _roles(fields, "body"):
        if "nitf" not in kind and not re.match(r"\s*(?:<\?xml[^>]*>\s*)?<nitf\b", value):
            continue
        try:
            root = parse_text(value).root
            return nitf.read(root if local(root) == "nitf" else find(root, "nitf"))
        except ArticleRejected:
            continue
    return None


def _byline(fields: dict[str, Any]) -> str | None:
    direct = line_from(fields.get("byline")) or line_from(fields.get("by"))
    if direct:
        return direct
    bylines = fields.get("bylines")
    names = (
        [line_from(entry.get("by")) for entry in bylines if isinstance(entry, dict)]
        if isinstance(bylines, list)
        else []
    )
    return ", ".join(filter(None, names)) or ", ".join(_authors(fields)) or None


def _authors(fields: dict[str, Any]) -> Iterator[str]:
    authors = fields.get("authors")
    for author in authors if isinstance(authors, list) else ():
        if isinstance(author, dict) and str(author.get("role") or "writer").lower() in {
            "writer",
            "author",
            "byline",
        }:
            name = line_from(author.get("name"))
            if name:
                yield name


def _holder(fields: dict[str, Any]) -> str | None:
    sources = fields.get("infosources") or fields.get("infosource")
    names = (
        [line_from(entry.get("name")) for entry in sources if isinstance(entry, dict)]
        if isinstance(sources, list)
        else []
    )
    return line_from(fields.get("copyrightholder")) or next(filter(None, names), None)


def _note(fields: dict[str, Any]) -> str | None:
    value = fields.get("ednote")
    if isinstance(value, list):
        value = "\n".join(note for note in value if isinstance(note, str))
    return value if isinstance(value, str) and value.strip() else None


def _url(fields: dict[str, Any]) -> str | None:
    links = fields.get("links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and str(link.get("rel") or "").lower() == "canonical":
            return line_from(link.get("href"))
    return line_from(fields.get("webpageurl")) or line_from(fields.get("url"))


def _subjects(fields: dict[str, Any]) -> Iterator[Subject]:
    entries = fields.get("subject") or fields.get("subjects")
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        name, scheme = line_from(entry.get("name")), line_from(entry.get("scheme"))
        for reference in (entry.get("code"), entry.get("literal"), entry.get("uri"), entry.get("qcode")):
            if isinstance(reference, (str, int)) and (known := subject_of(str(reference), name)):
                yield known
                break
        else:
            code = entry.get("code") or entry.get("literal")
            if name or code:
                yield Subject(scheme=scheme or "local", name=name or str(code))


def _words(values: Any) -> Iterator[str]:
    if isinstance(values, str):
        values = [values]
    for value in values if isinstance(values, list) else ():
        word = line_from(value.get("name") or value.get("value") if isinstance(value, dict) else value)
        if word:
            yield word


def _urgency(value: Any) -> int | None:
    text = str(value)
    return int(text) if re.fullmatch(r"[1-9]", text) else None


def _links(fields: dict[str, Any]) -> Iterator[Link]:
    associations = fields.get("associations")
    if isinstance(associations, dict):
        associations = list(associations.values())
    for entry in associations if isinstance(associations, list) else ():
        if isinstance(entry, dict) and (target := line_from(entry.get("uri") or entry.get("guid"))):
            yield Link(
                rel="association",
                target=target,
                title=_text({_fold(k): v for k, v in entry.items()}, "headline", "main"),
            )
    if previous := line_from(fields.get("evolvedfrom")):
        yield Link(rel="evolvedFrom", target=previous)
