"""JSON (RFC 8259) and JSON lines: which of its shapes a file holds, and the objects in it.

What Python's reader accepts beyond the standard is made harmless: NaN, integers of thousands of
digits, lone surrogates (removed with the other unsafe characters later), nesting.
"""

import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from services.enrich.formats import generic_json, jsonfeed, jsonld, ninjs, record
from services.enrich.formats.encoding import decode
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, RawFile, Refusal

_SAMPLE = 1 << 20
_LEADING_COMMENT = re.compile(r"\A(?:\s*/\*.*?\*/)+\s*", re.DOTALL)
#: Keys under which senders put their list of articles.
_LISTS = (
    "item",
    "items",
    "articles",
    "data",
    "results",
    "hits",
    "docs",
    "entries",
    "posts",
    "stories",
    "news",
    "response",
    "value",
    "records",
    "result",
    "edges",
    "nodes",
    "documents",
)
_READERS: dict[str, Callable[[dict[str, Any], RawFile], Iterator[Article | Refusal]]] = {
    "ninjs": ninjs.read,
    "jsonfeed": jsonfeed.read,
    "jsonld": jsonld.read,
    "json": generic_json.read,
}


def parse(raw: RawFile) -> Iterator[Article | Refusal]:
    """Every object that is an article, one after the other."""
    if is_lines(_head(raw.data)):
        yield from _lines(raw)
        return
    text = _LEADING_COMMENT.sub("", decode(raw.data).strip(" \t\r\n\x00\ufeff"))
    try:
        document = loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise ArticleRejected(Reason.BAD_JSON, where) from None
    if not isinstance(document, (dict, list)):
        raise ArticleRejected(
            Reason.SCHEMA, f"a JSON {type(document).__name__}; expected an object or an array"
        )
    if not document:
        raise FileIgnored("an empty JSON array or object")
    yield from _objects(document, raw)


def _head(data: bytes) -> str:
    return decode(data[:_SAMPLE]).lstrip()


def loads(text: str) -> Any:
    """One JSON document; refuses what is nested beyond reason."""
    try:
        return json.loads(text, strict=False, parse_int=_integer, parse_constant=lambda _: None)
    except RecursionError:
        raise ArticleRejected(Reason.TOO_DEEP, "JSON nested beyond reason") from None


def is_lines(text: str) -> bool:
    """JSON lines: the first line begins an object, as do the next two or one whole of the next."""
    lines = [line for line in text.split("\n", 6)[:5] if line.strip()]
    if len(lines) < 2 or lines[0].lstrip()[0] != "{":
        return False
    if all(line.lstrip()[0] == "{" for line in lines[:3]):
        return any(map(_is_object, lines[:3]))
    return _is_object(lines[0]) and any(map(_is_object, lines[1:]))


def shape(document: Any) -> str:
    """Which reader an object belongs to: ninjs, jsonfeed, jsonld or json."""
    if isinstance(document, list):
        document = next((entry for entry in document if isinstance(entry, dict)), {})
    if not isinstance(document, dict):
        return "json"
    if str(document.get("version") or "").startswith(("https://jsonfeed.org", "http://jsonfeed.org")):
        return "jsonfeed"
    if jsonld.recognises(document):
        return "jsonld"
    if ninjs.recognises(document):
        return "ninjs"
    inner = _inner(document)
    return shape(inner) if inner is not None else "json"


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < 20 else digits


def _is_object(line: str) -> bool:
    if not line.lstrip().startswith("{"):
        return False
    try:
        return isinstance(loads(line), dict)
    except (json.JSONDecodeError, ArticleRejected):
        return False


def _lines(raw: RawFile) -> Iterator[Article | Refusal]:
    """Line by line: a file of any length takes the memory of its longest line."""
    wide = raw.data[:4].count(0) or raw.data.startswith((b"\xff\xfe", b"\xfe\xff"))
    lines = io.StringIO(decode(raw.data)) if wide else map(decode, io.BytesIO(raw.data))
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield from _objects(loads(line), raw)
        except json.JSONDecodeError as error:
            yield Refusal(reason=Reason.BAD_JSON, detail=f"line {number}: {error.msg}", item=f"line {number}")
        except ArticleRejected as rejected:
            yield Refusal(reason=rejected.reason, detail=rejected.detail, item=f"line {number}")
        except FileIgnored:
            continue


def _objects(document: Any, raw: RawFile) -> Iterator[Article | Refusal]:
    if isinstance(document, list):
        for position, entry in enumerate(document, start=1):
            try:
                yield from _objects(entry, raw)
            except ArticleRejected as rejected:
                yield Refusal(reason=rejected.reason, detail=rejected.detail, item=f"entry {position}")
            except FileIgnored:
                continue
        return
    if not isinstance(document, dict):
        raise ArticleRejected(Reason.SCHEMA, f"a {type(document).__name__} where an object was expected")
    kind = shape_of_one(document)
    if kind == "json" and (inner := _inner(document)) is not None:
        yield from _objects(inner, raw)
        return
    yield from _READERS[kind](document, raw)


def shape_of_one(document: dict[str, Any]) -> str:
    """As ``shape``, without looking into wrappers."""
    if str(document.get("version") or "").startswith(("https://jsonfeed.org", "http://jsonfeed.org")):
        return "jsonfeed"
    if jsonld.recognises(document):
        return "jsonld"
    return "ninjs" if ninjs.recognises(document) else "json"


def _inner(document: dict[str, Any]) -> Any:
    """What a wrapper wraps: its list of articles, or its one article."""
    if record.is_article(document):
        return None
    for key in _LISTS:
        value = document.get(key)
        if isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
            return [entry.get("_source", entry) if isinstance(entry, dict) else entry for entry in value]
        if isinstance(value, dict) and value and not generic_json.is_scalar_map(value):
            return list(record.articles_within([value])) or value
    if isinstance(source := document.get("_source"), dict):
        return source
    return list(record.articles_within(document)) or None
