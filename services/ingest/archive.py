"""The archive: what was worked on, in folders by day; walked without listing what is in them."""

import itertools
import re
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
            found = pool.map(lambda day: copies(bucket, keys.processed_key(key, day)), some)
            for day, entries in zip(some, found, strict=True):
                if entries:
                    return day, max(entries, key=lambda copy: copy.modified)
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


def copies(bucket: Bucket, key: str) -> list[Entry]:
    """The file under a key, and those that were marked apart from it or would have stood there."""
    plain = bucket.stat(key)
    if plain is None and bucket.keeps_plain_names:
        return []
    marked = bucket.list(keys.with_mark(key, "\0").partition("\0")[0])
    apart = [entry for entry in marked if keys.without_mark(entry.key) == key != entry.key]
    return apart if plain is None else [plain, *apart]


def settled_at(day: date, entry: Entry) -> datetime:
    """About when a file was processed: a folder keeps the time of the drop, and the day knows better."""
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return min(max(entry.modified, begins), begins + timedelta(days=1))


def _day(folder: str) -> date | None:
    try:
        return date(*map(int, folder.removeprefix(keys.PROCESSED).rstrip("/").split("/")))
    except (ValueError, TypeError):
        return None  # somebody's own folder
