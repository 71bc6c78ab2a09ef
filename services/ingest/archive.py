"""The archive: what was worked on, in folders by day; walked without listing what is in them."""

import itertools
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

from services.bucket import Bucket, Entry, keys

_SOME_DAY = date(2000, 1, 1)
_CUT = re.compile("~[0-9a-f]{16}(?:/|$)")
_AT_ONCE = 32  # days asked for at once: an object store takes some milliseconds for each


def days(bucket: Bucket) -> list[date]:
    """The days on which files were processed, the earliest first."""
    found = []
    for year in bucket.folders(keys.PROCESSED):
        for month in bucket.folders(year):
            found += [each for folder in bucket.folders(month) if (each := _day(folder)) is not None]
    return found


def last_copy(bucket: Bucket, key: str) -> tuple[date, Entry] | None:
    """The day and the file that was processed last under a dropped key."""
    latest_first = iter(reversed(days(bucket)))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while some := list(itertools.islice(latest_first, _AT_ONCE)):
            entries = pool.map(lambda day: bucket.stat(keys.processed_key(key, day)), some)
            for day, entry in zip(some, entries, strict=True):
                if entry is not None:
                    return day, max(copies(bucket, entry), key=lambda copy: copy.modified)
    return None


def name_of(key: str) -> str:
    """The name that a settled file was dropped under; cut where that was too long for its store."""
    depth = 4 if key.startswith(keys.PROCESSED) else 2  # processed/YYYY/MM/DD/, quarantine/REASON/
    name = keys.without_mark(key.split("/", depth)[depth])
    plain = name.removesuffix(keys.LENT_SUFFIX)
    return plain if plain.endswith((keys.REASON_SUFFIX, keys.IGNORED_SUFFIX)) else name


def filed_name(printed: str) -> str:
    """What ``name_of`` tells, in print, of the file that a document's ``provenance.key`` names."""
    return keys.printable(name_of(keys.processed_key(keys.LIVE + keys.readings(printed)[0], _SOME_DAY)))


def is_cut(name: str) -> bool:
    """Whether the name looks as if it had been longer."""
    return _CUT.search(name) is not None


def copies(bucket: Bucket, entry: Entry) -> Iterator[Entry]:
    """The file itself and those that were marked apart from it."""
    yield entry
    for other in bucket.list(keys.with_mark(entry.key, "\0").partition("\0")[0]):
        if keys.without_mark(other.key) == entry.key != other.key:
            yield other


def settled_at(day: date, entry: Entry) -> datetime:
    """About when a file was processed: a folder keeps the time of the drop, and the day knows better."""
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return min(max(entry.modified, begins), begins + timedelta(days=1))


def _day(folder: str) -> date | None:
    try:
        return date(*map(int, folder.removeprefix(keys.PROCESSED).rstrip("/").split("/")))
    except (ValueError, TypeError):
        return None  # somebody's own folder
