"""Any other JSON object that is an article: its fields are found by the names senders give them."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from services.enrich.formats.content import line_from
from services.enrich.formats.dateline import place_in
from services.enrich.formats.dates import parse_date
from services.enrich.formats.names import SYNONYMS, fold
from services.enrich.formats.record import TEASERS, fields_of
from services.enrich.formats.rich_text import has_words, rich_blocks
from services.enrich.formats.subjects import subject_of
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, Dateline, RawFile, Status, Subject

#: Keys of a calendar: what has them and no headline is an event.
EVENT = {"timestart", "timeend", "eventstart", "eventdate", "alldayevent", "startdate", "eventdetails"}
_CANCELED = {"canceled", "cancelled", "killed", "deleted", "withdrawn", "retracted", "annulled"}
_HELD = {
    "withheld", "draft", "hold", "onhold", "private", "embargoed", "pending", "scheduled", "future", "trash",
    "autodraft", "unpublished", "false",
}  # fmt: skip
_NO_EMBARGO = re.compile(r"(?:false|no|none|null|n/a|nein|0|[0\W]*)", re.IGNORECASE)
_SCHEMA_VERSION = re.compile(r"\d+\.\d+\.\d+.*")  # of the format, not of the article
#: Keys under which a body may stand as a tree; something else there is no mistake of the sender.
_LOOSE = {"blocks", "paragraphs", "components", "sections", "story", "article", "content"}
_PEOPLE = ("name", "displayname", "fullname", "byline", "original", "by", "value", "text", "title")
_CUT = re.compile(r"(?:…|\.\.\.)?\s*\[\+\d+ chars\]$")


def read(item: dict[str, Any], _raw: RawFile) -> Iterator[Article]:
    """One article, if the object holds any text under any of the usual names."""
    fields = fields_of(item)
    status = _status(fields)
    key, body = _body(fields)
    headline = _line(fields, "headline")
    if EVENT & fields.keys() and headline is None:
        raise FileIgnored("an event of a calendar, not an article")
    if body is None and headline is None and status is not Status.CANCELED:
        raise ArticleRejected(
            Reason.SCHEMA,
            f"no known key for text or headline among {', '.join(list(item)[:8])[:200] or 'none'}",
        )
    if (key is None or key in TEASERS) and not _is_signed(fields):
        raise ArticleRejected(Reason.SCHEMA, "a name and a description, but no title, date or writer")
    if isinstance(body, str):
        body = body[:-100] + _CUT.sub("…", body[-100:])
    blocks = rich_blocks(body) if body is not None and status is not Status.CANCELED else ()
    source, address = _source(fields)
    url = next((line for line in _lines(fields, "url") if line.startswith("http")), None)
    url = url or address or _line(fields, "url")
    names = list(_names(fields))
    dateline = place_in(_line(fields, "dateline") or "")
    yield Article(
        uid=_line(fields, "uid")
        or (url if url and url.startswith("http") else None)
        or _line(fields, "id")
        or url
        or "",
        version=next((v for v in _lines(fields, "version") if not _SCHEMA_VERSION.fullmatch(v)), None),
        status=status,
        headline=headline,
        kicker=_line(fields, "kicker"),
        standfirst=_line({name: value for name, value in fields.items() if name != key}, "standfirst"),
        byline=", ".join(names) or None,
        authors=tuple(names) if len(names) > 1 else (),
        dateline=Dateline(text=dateline) if dateline else None,
        published=_date(fields, "published"),
        updated=_date(fields, "updated"),
        embargo=_date(fields, "embargo"),
        language=_line(fields, "language"),
        source=source,
        credit=_line(fields, "credit"),
        copyright=_line(fields, "copyright"),
        editorial_note=_line(fields, "note"),
        url=url if url and url.startswith("http") else None,
        subjects=tuple(_subjects(fields)),
        keywords=next(filter(None, (tuple(_words(value)) for value in _values(fields, "keywords"))), ()),
        genre=_line(fields, "genre"),
        urgency=next(
            (int(str(v)) for v in _values(fields, "urgency") if re.fullmatch("[1-9]", str(v))), None
        ),
        blocks=blocks,
    )


def _is_signed(fields: dict[str, Any]) -> bool:
    """Whether anything but a name says that this is an article: products and projects have names too."""
    titled = any(fields.get(name) for name in SYNONYMS["headline"] if name not in {"name", "subject"})
    return titled or any(_values(fields, "published")) or any(_values(fields, "byline"))


def is_scalar_map(value: dict[str, Any]) -> bool:
    """A flat object of numbers and flags (``hits: {total: 3}``) wraps nothing."""
    return not any(isinstance(inner, (dict, list, str)) for inner in value.values())


def _values(fields: dict[str, Any], name: str) -> Iterator[Any]:
    for key in SYNONYMS[name]:
        value = fields.get(key)
        if value not in (None, "", [], {}):
            yield value


def _lines(fields: dict[str, Any], name: str) -> Iterator[str]:
    return (line for value in _values(fields, name) if (line := _as_line(value)))


def _line(fields: dict[str, Any], name: str) -> str | None:
    return next(_lines(fields, name), None)


def _as_line(value: Any) -> str | None:
    """One line of a value that may be an object with a name, a list of one, or a number."""
    if isinstance(value, list) and len(value) == 1:
        return _as_line(value[0])
    if isinstance(value, dict):
        keys = (
            "name",
            "title",
            "rendered",
            "value",
            "text",
            "basic",
            "main",
            "default",
            "original",
            "en",
            "#text",
        )
        texts = [value.get(key) for key in (keys if len(value) > 1 else value)]
        return line_from(next((text for text in texts if isinstance(text, str)), None))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return line_from(value)


def _date(fields: dict[str, Any], name: str) -> datetime | None:
    """The first date under these names; some stores wrap theirs (``{"$date": …}``, PHP's ``date``)."""
    for value in _values(fields, name):
        inner = [v for k, v in value.items() if fold(k) != "timezone"] if isinstance(value, dict) else [value]
        for entry in inner:
            if moment := parse_date(entry):
                return moment
    return None


def _source(fields: dict[str, Any]) -> tuple[str | None, str | None]:
    """Whose text it is, and the address that some tools write in its place."""
    lines = [line.strip("/ ") for line in _lines(fields, "source")]
    address = next((line for line in lines if re.match(r"https?://[^/]+/.", line)), None)
    named = next((line for line in lines if line and not re.match(r"https?://", line)), None)
    return named or next((urlsplit(line).netloc for line in lines if "://" in line), None), address


_KILLED = ("canceled", "cancelled", "killed", "withdrawn", "annulleret", "annuleret")


def _status(fields: dict[str, Any]) -> Status:
    if any(str(fields.get(key)).lower() == "true" for key in _KILLED):
        return Status.CANCELED
    value = str(next(_values(fields, "status"), "")).rpartition(":")[2].lower()
    if value in _CANCELED:
        return Status.CANCELED
    return Status.WITHHELD if fold(value) in _HELD or _held_without_date(fields) else Status.USABLE


def _held_without_date(fields: dict[str, Any]) -> bool:
    """An embargo that names no moment ("Next Monday", ``true``): a person must lift it."""
    value = next(_values(fields, "embargo"), None)
    if value is True:
        return _date(fields, "embargo") is None
    if not isinstance(value, str) or _NO_EMBARGO.fullmatch(value.strip()) or re.match(r"\s*\d{4}-", value):
        return False
    return _date(fields, "embargo") is None


def _body(fields: dict[str, Any]) -> tuple[str | None, Any]:
    """The first key with text: those for whole bodies come before those for summaries."""
    wrong = None
    for key in SYNONYMS["body"]:
        value = fields.get(key)
        if isinstance(value, str) and value.strip():
            return key, _unpacked(value)
        if isinstance(value, (list, dict)) and value:
            if has_words(value):
                return key, value
            wrong = wrong or (None if key in _LOOSE | TEASERS else key)
        elif value not in (None, "", [], {}) and not isinstance(value, str):
            wrong = wrong or (None if key in _LOOSE - {"content"} else key)
    if wrong:
        raise ArticleRejected(
            Reason.TYPE_MISMATCH,
            f"{wrong} holds a {type(fields[wrong]).__name__} without text; expected text",
        )
    return None, None


def _unpacked(text: str) -> Any:
    """A tree that was written into a string, or the text as it is."""
    if text[:1] not in "{[" or text.rstrip()[-1:] not in "}]":
        return text
    try:
        tree = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return text
    return tree if isinstance(tree, (dict, list)) and has_words(tree) else text


def _names(fields: dict[str, Any]) -> Iterable[str]:
    for value in _values(fields, "byline"):
        if names := _people(value):
            return names
    return ()


def _people(value: Any, depth: int = 0) -> list[str]:
    """The names in a byline that is text, an object, or a list of either."""
    if isinstance(value, list) and depth < 4:
        return [name for entry in value for name in _people(entry, depth + 1)]
    if isinstance(value, dict) and depth < 4:
        person = {fold(key): inner for key, inner in value.items()}
        for key in _PEOPLE:
            if inner := _people(person.get(key), depth + 1):
                return inner
        parts = (
            person.get("firstname") or person.get("givenname"),
            person.get("lastname") or person.get("familyname"),
        )
        value = " ".join(part for part in parts if isinstance(part, str))
    name = line_from(value)
    return [name] if name else []


def _subjects(fields: dict[str, Any]) -> Iterator[Subject]:
    for value in _values(fields, "section"):
        for entry in value if isinstance(value, list) else [value]:
            name = _as_line(entry)
            references = [entry.get(key) for key in _CODES] if isinstance(entry, dict) else [entry]
            texts = [str(reference) for reference in references if isinstance(reference, (str, int))]
            known = next((found for text in texts if (found := subject_of(text, name))), None)
            if known:
                yield known
            elif name and not name.isdigit() and not (isinstance(entry, dict) and _OWN_CODES & entry.keys()):
                yield Subject(scheme="section", name=name)


_OWN_CODES = {"qcode", "code", "uri"}  # of a vocabulary of the sender's: not a section
_CODES = ("qcode", "code", "uri", "id", "literal")
_TAG = ("name", "term", "text", "label", "title", "webTitle", "tag")


def _words(value: Any, depth: int = 0) -> Iterator[str]:
    """Keywords in a text, a list, or objects; of a pair of kind and value the value counts."""
    if isinstance(value, str):
        value = re.split("[,;]", value)
    elif isinstance(value, dict):
        value = value.get("tags") or value.get("keywords")
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, list) and depth < 3:
            yield from _words(entry, depth + 1)
            continue
        word = entry
        if isinstance(entry, dict):
            if entry.get("type") in {"contributor", "author"} or entry.get("taxonomy") == "author":
                continue
            word = entry.get("value") or next((entry[key] for key in _TAG if entry.get(key)), None)
        if line := line_from(word):
            yield line
