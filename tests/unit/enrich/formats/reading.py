"""What the tests of formats share: a file from its bytes, and what becomes of it."""

from datetime import UTC, datetime

from services.enrich.formats import parse
from services.models import Article, RawFile, Refusal

READ_AT = datetime(2025, 1, 1, tzinfo=UTC)
LEAD = "Officials in Harrowby said on Monday that the old lock will close until the end of October."
SECOND = "The repairs were ordered after inspectors found two cracks in the lower gate in June."


def raw(data: str | bytes, key: str = "file") -> RawFile:
    return RawFile(key, data.encode() if isinstance(data, str) else data, READ_AT)


def read(data: str | bytes, key: str = "file") -> list[Article | Refusal]:
    return list(parse(raw(data, key)).items)


def articles(data: str | bytes, key: str = "file") -> list[Article]:
    return [item for item in read(data, key) if isinstance(item, Article)]


def article(data: str | bytes, key: str = "file") -> Article:
    (only,) = read(data, key)
    assert isinstance(only, Article)
    return only
