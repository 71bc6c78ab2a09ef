"""Any other JSON object that is an article: its fields are found by the names senders give them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from services.enrich.formats.content import blocks_from, line_from
from services.enrich.formats.dateline import place_in
from services.enrich.formats.dates import parse_date
from services.enrich.formats.names import SYNONYMS, fold
from services.enrich.formats.subjects import subject_of
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, Block, Dateline, RawFile, Status, Subject

#: Keys of a calendar: what has them and no headline is an event.
EVENT = {"timestart", "timeend", "eventstart", "eventdate", "alldayevent", "startdate", "eventdetails"}
_TEASERS = {"description", "summary", "teaser", "abstract", "lead"}
_CANCELED = {"canceled", "cancelled", "killed", "deleted", "withdrawn", "retracted"}
_CUT = re.compile(r"(?:…|\.\.\.)?\s*\[\+\d+ chars\]$")


def read(item: dict[str, Any], _raw: RawFile) -> Iterator[Article]:
    """One article, if the object holds any text under any of the usual names."""
    fields = {fold(key): value for key, value in item.items() if value is not None}
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
    if isinstance(body, str):
        body = body[:-100] + _CUT.sub("…", body[-100:])
    blocks = _blocks(body) if body is not None and status is not Status.CANCELED else ()
    url = _line(fields, "url")
    names = list(_names(fields))
    dateline = place_in(_line(fields, "dateline") or "")
    yield Article(
        uid=_line(fields, "uid")
        or (url if url and url.startswith("http") else None)
        or _line(fields, "id")
        or url
        or "",
        version=_line(fields, "version"),
        status=status,
        headline=headline,
        kicker=_line(fields, "kicker"),
        standfirst=_line({name: value for name, value in fields.items() if name != key}, "standfirst"),
        byline=", ".join(names) or None,
        authors=tuple(names) if len(names) > 1 else (),
        dateline=Dateline(text=dateline) if dateline else None,
        published=next((date for value in _values(fields, "published") if (date := parse_date(value))), None),
        updated=next((date for value in _values(fields, "updated") if (date := parse_date(value))), None),
        embargo=next((date for value in _values(fields, "embargo") if (date := parse_date(value))), None),
        language=_line(fields, "language"),
        source=(_line(fields, "source") or "").strip("/ ") or None,
        credit=_line(fields, "credit"),
        copyright=_line(fields, "copyright"),
        editorial_note=_line(fields, "note"),
        url=url if url and url.startswith("http") else None,
        subjects=tuple(_subjects(fields)),
        keywords=tuple(_words(next(_values(fields, "keywords"), None))),
        genre=_line(fields, "genre"),
        urgency=next(
            (int(str(v)) for v in _values(fields, "urgency") if re.fullmatch("[1-9]", str(v))), None
        ),
        blocks=blocks,
    )


def has_text(item: dict[str, Any]) -> bool:
    """Whether the object itself holds a body, rather than wrapping objects that do."""
    return any(
        fold(key) in set(SYNONYMS["body"]) - _TEASERS and isinstance(value, str) and len(value) > 40
        for key, value in item.items()
    )


def is_scalar_map(value: dict[str, Any]) -> bool:
    """A flat object of numbers and flags (``hits: {total: 3}``) wraps nothing."""
    return not any(isinstance(inner, (dict, list, str)) for inner in value.values())


def _values(fields: dict[str, Any], name: str) -> Iterator[Any]:
    for key in SYNONYMS[name]:
        value = fields.get(key)
        if value not in (None, "", [], {}):
            yield value


def _line(fields: dict[str, Any], name: str) -> str | None:
    return next((line for value in _values(fields, name) if (line := _as_line(value))), None)


def _as_line(value: Any) -> str | None:
    """One line of a value that may be an object with a name, a list of one, or a number."""
    if isinstance(value, list) and len(value) == 1:
        return _as_line(value[0])
    if isinstance(value, dict):
        texts = (value.get(key) for key in ("name", "title", "rendered", "value", "text"))
        return line_from(next((text for text in texts if isinstance(text, str)), None))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return line_from(value)


_KILLED = ("canceled", "cancelled", "killed", "withdrawn", "annulleret", "annuleret")


def _status(fields: dict[str, Any]) -> Status:
    if any(str(fields.get(key)).lower() == "true" for key in _KILLED):
        return Status.CANCELED
    value = str(next(_values(fields, "status"), "")).rpartition(":")[2].lower()
    if value in _CANCELED:
        return Status.CANCELED
    return (
        Status.WITHHELD if value in {"withheld", "draft", "hold", "private", "embargoed"} else Status.USABLE
    )


def _body(fields: dict[str, Any]) -> tuple[str | None, Any]:
    """The first key with text: those for whole bodies come before those for summaries."""
    wrong = None
    for key in SYNONYMS["body"]:
        value = fields.get(key)
        if isinstance(value, str) and value.strip():
            return key, value
        if isinstance(value, (list, dict)) and value:
            if list(_pieces(value)):
                return key, value
            wrong = wrong or key
        elif value is not None and not isinstance(value, str):
            wrong = wrong or key
    if wrong:
        raise ArticleRejected(
            Reason.TYPE_MISMATCH,
            f"{wrong} holds a {type(fields[wrong]).__name__} without text; expected text",
        )
    return None, None


_TEXT_KEYS = ("text", "content", "value", "html", "rendered", "paragraph", "body")


def _pieces(value: Any, depth: int = 0) -> Iterator[str]:
    """The texts of a body that is a list of paragraphs, or an object around one."""
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, list) and depth < 6:
        for entry in value:
            yield from _pieces(entry, depth + 1)
    elif isinstance(value, dict) and depth < 6:
        for key in _TEXT_KEYS:
            if isinstance(value.get(key), (str, list, dict)) and value[key]:
                yield from _pieces(value[key], depth + 1)
                return


def _blocks(body: Any) -> tuple[Block, ...]:
    if isinstance(body, str):
        return blocks_from(body)
    return tuple(block for piece in _pieces(body) for block in blocks_from(piece))


def _names(fields: dict[str, Any]) -> Iterable[str]:
    for value in _values(fields, "byline"):
        names = [_person(entry) for entry in (value if isinstance(value, list) else [value])]
        if any(names):
            return [name for name in names if name]
    return ()


def _person(entry: Any) -> str | None:
    if isinstance(entry, dict):
        keys = ("name", "by", "byline", "full_name", "fullName", "value")
        return line_from(next((entry[key] for key in keys if entry.get(key)), None))
    return line_from(entry)


def _subjects(fields: dict[str, Any]) -> Iterator[Subject]:
    for value in _values(fields, "section"):
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict):
                reference = entry.get("qcode") or entry.get("code") or entry.get("uri")
                if isinstance(reference, str) and (
                    known := subject_of(reference, line_from(entry.get("name")))
                ):
                    yield known
                continue
            if name := line_from(entry):
                yield Subject(scheme="section", name=name)


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        value = re.split("[,;]", value)
    for entry in value if isinstance(value, list) else ():
        word = entry.get("name") or entry.get("term") if isinstance(entry, dict) else entry
        if line := line_from(word):
            yield line
