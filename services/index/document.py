"""Article to document and back: its id, its version, its fields. `docs/decisions/0011` has the reasons."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final

from pydantic_core import PydanticSerializationError, to_json

from services.bucket.keys import printable
from services.models import Article, EntityType, Provenance, Status

#: Elasticsearch holds at most 10,000 nested objects in a document; the most salient ones stay.
MAX_ENTITIES: Final = 500
MAX_QUOTES: Final = 500
MAX_PLACES: Final = 500

#: Fields beside the article's own.
DERIVED: Final = ("people", "organisations", "groups", "countries", "entity_ids", "provenance")

# A kill keeps what says that it is one, of what, and since when; none of what must no longer be read.
_TOMBSTONE: Final = frozenset(
    {"uid", "version", "status", "headline", "editorial_note", "published", "updated"}
    | {"language", "source", "provider", "story", "url", "links"}
)

_GLOBAL = re.compile(r"urn:|tag:|https?://", re.IGNORECASE)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:?\d\d(?::?\d\d)?)?|\d{8}[T ]?\d{4}(?:\d\d)?(?!\d)")
_DIGITS = re.compile(r"\d+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_NUMBER: Final = 2**31 - 1
_MAX_SECONDS: Final = 2**32 - 1


@dataclass(frozen=True)
class Document:
    """What the index holds of one article. ``version`` decides which of two copies stays."""

    id: str
    version: int
    source: dict[str, Any]

    @cached_property
    def encoded(self) -> bytes:
        """``source`` as JSON, made once: its size is asked before it is sent."""
        return to_json(self.source)


def document_id(article: Article) -> str:
    """The same for every version of an article, whoever sends it again.

    A URI is unique by itself; any other uid only within its provider.
    """
    uid = article.uid.strip()
    owner = "" if _GLOBAL.match(uid) else (article.provider or article.source or "").strip()
    return blake2b(f"{owner}\0{uid}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def external_version(article: Article, received: datetime) -> int:
    """Which of two copies is the newer, as one long: the provider's number above, the time below.

    The time is that of the version: updated, else published, else received. A kill is final (IPTC:
    "may not be used under any circumstances"), so it wins over every copy up to its own number, and over
    all of them when it names none; only a higher number brings the article back.
    """
    number = _number(article.version)
    if article.status is Status.CANCELED:
        number = _MAX_NUMBER if number is None else number
        seconds = _MAX_SECONDS
    else:
        number = number or 0
        seconds = int((article.updated or article.published or received).timestamp())
    return number << 32 | min(max(seconds, 0), _MAX_SECONDS)


def to_document(article: Article, provenance: Provenance) -> Document:
    """The article as it is indexed: its own fields, the facets drawn from them, and where it came from."""
    if article.status is Status.CANCELED:
        source = article.model_dump(mode="json", exclude_none=True, include=set(_TOMBSTONE))
    else:
        capped = _capped(article)
        source = capped.model_dump(mode="json", exclude_none=True) | _facets(capped)
    source["provenance"] = provenance.model_dump(mode="json")
    source["provenance"]["key"] = printable(provenance.key)
    document = Document(document_id(article), external_version(article, provenance.received), source)
    try:
        document.encoded  # noqa: B018  # fails for what UTF-8 cannot hold; else it is needed soon anyway
    except PydanticSerializationError:
        return Document(document.id, document.version, _without_surrogates(source))
    return document


def to_article(source: dict[str, Any]) -> Article:
    """The article a document was made from; of a kill what its tombstone kept."""
    return Article.model_validate({name: value for name, value in source.items() if name not in DERIVED})


def _number(version: str | None) -> int | None:
    """The provider's version as a number that never falls from one version to the next.

    Of "1.10", "2U" or "v3" it is the first number (the time decides between 1.9 and 1.10), of a date
    with or without time, and of milliseconds, the seconds since 1970. ``None`` when there is no digit.
    """
    text = (version or "").strip()
    if instant := _INSTANT.match(text):
        digits = "".join(_DIGITS.findall(instant[0])).ljust(14, "0")
        try:
            moment = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            return min(max(int(moment.timestamp()), 0), _MAX_NUMBER)
        except ValueError:
            pass  # twelve digits that are no date
    found = _DIGITS.search(text)
    if found is None:
        return None
    number = int(found[0][:20])
    if 10**12 <= number < 10**13:
        number //= 1000
    return min(number, _MAX_NUMBER)


def _capped(article: Article) -> Article:
    entities, places, quotes = article.entities, article.places[:MAX_PLACES], article.quotes[:MAX_QUOTES]
    if len(entities) > MAX_ENTITIES:
        ranked = sorted(range(len(entities)), key=lambda at: -entities[at].salience)
        dropped = set(ranked[MAX_ENTITIES:])
        entities = tuple(entity for at, entity in enumerate(entities) if at not in dropped)
    return article.model_copy(update={"entities": entities, "places": places, "quotes": quotes})


def _facets(article: Article) -> dict[str, list[str]]:
    names: dict[EntityType, list[str]] = {}
    for entity in article.entities:
        names.setdefault(entity.type, []).append(entity.name)
    countries = [place.country for place in article.places]
    countries += [entity.country for entity in article.entities if entity.type is EntityType.PLACE]
    return {
        "people": _unique(names.get(EntityType.PERSON, ())),
        "organisations": _unique(names.get(EntityType.ORGANISATION, ())),
        "groups": _unique(names.get(EntityType.GROUP, ())),
        "countries": _unique(countries),
        "entity_ids": _unique(entity.id for entity in article.entities),
    }


def _unique(names: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))


def _without_surrogates(value: Any) -> Any:
    """One replacement character for each, so that offsets into the body stay right."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_surrogates(item) for name, item in value.items()}
    return value
