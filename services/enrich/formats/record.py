"""Objects of any JSON document that are articles: where they stand, and their fields in one place."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from services.enrich.formats.names import PATHS, SYNONYMS, fold
from services.enrich.formats.rich_text import has_words

#: Objects in which senders keep an article's fields apart from its id.
_CONTAINERS = (
    "fields",
    "attributes",
    "properties",
    "sys",
    "metadata",
    "meta",
    "thread",
    "links",
    "_embedded",
)
#: Objects beside an article that have names and descriptions of their own.
_OTHERS = {
    "author", "authors", "creator", "creators", "publisher", "source", "sources", "image", "images",
    "photo", "photos", "media", "multimedia", "user", "users", "profile", "organization",
    "organisation", "byline", "links", "breadcrumbs", "seo", "ads", "comments", "related",
    "associations", "promoitems", "thread", "taxonomy", "credits",
}  # fmt: skip
TEASERS = frozenset({"description", "summary", "teaser", "abstract", "lead", "snippet", "trailtext"})
_PARTS = frozenset({"blocks", "paragraphs", "components", "sections", "contentelements", "elements"})
_MAX_DEPTH = 8
_MAX_FIELDS = 2_000  # a table of numbers by name is no article


def fields_of(item: dict[str, Any]) -> dict[str, Any]:
    """The object's fields by folded name; its own come before those of the objects that hold some."""
    pairs = islice(item.items(), _MAX_FIELDS)
    fields = {fold(key): value for key, value in pairs if value is not None}
    for name in _CONTAINERS:
        inner = item.get(name)
        if isinstance(inner, dict):
            _add(fields, inner)
    for path in PATHS:
        if (value := _at(item, path.split("."))) is not None:
            fields[path] = value
    inner = item.get("content")
    if isinstance(inner, dict) and _is_record(inner) and {"id", "uuid", "slug", "guid"} & fields.keys():
        del fields["content"]
        for key, value in inner.items():  # the article itself; around it stands what manages it
            if value is not None:
                fields[fold(key)] = value
    return fields


def _at(value: Any, path: list[str]) -> Any:
    """What stands at the end of a path of folded keys; of a list its first entry counts."""
    for part in path:
        if isinstance(value, list):
            value = value[0] if value else None
        if not isinstance(value, dict):
            return None
        value = next((inner for key, inner in value.items() if fold(key) == part), None)
    return value


def _add(fields: dict[str, Any], inner: dict[str, Any]) -> None:
    for key, value in inner.items():
        own = fields.get(fold(key))
        number_of_one = isinstance(own, int) and isinstance(value, (list, dict))
        if value is not None and (own in (None, "", [], {}) or number_of_one):
            fields[fold(key)] = value


def _is_record(item: dict[str, Any]) -> bool:
    keys = set(map(fold, item))
    return bool(keys & {"headline", "title"}) and bool(keys & set(SYNONYMS["body"]))


def is_article(item: dict[str, Any]) -> bool:
    """Whether the object itself holds a text, rather than wrapping objects that do."""
    fields = fields_of(item)
    titled = any(fields.get(name) for name in SYNONYMS["headline"][:-2])
    for key in SYNONYMS["body"]:
        value = fields.get(key)
        if key in TEASERS or not value:
            continue
        if isinstance(value, str) and len(value) > 40:
            return True
        if isinstance(value, (list, dict)) and titled and has_words(value):
            return True
    return False


def articles_within(document: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every object inside that is an article, in its order; what stands inside one belongs to it."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(document, list):
        for entry in document:
            yield from articles_within(entry, depth + 1)
    elif isinstance(document, dict):
        if depth and is_article(document):
            yield document
            return
        for key, value in document.items():
            if isinstance(value, (dict, list)) and fold(key) not in _OTHERS:
                yield from articles_within(value, depth + 1)
