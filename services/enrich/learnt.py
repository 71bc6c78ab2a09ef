"""What was learnt of each site, kept in the bucket where people can read, mend and remove it."""

import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from services.bucket import Bucket, Entry, Gone, TooLarge, keys, open_bucket
from services.enrich.clean.recurring import Furniture, Site, known_lines
from services.errors import Misconfigured
from services.settings import Settings
from services.telemetry import log

_LOG = log(__name__)

FURNITURE = keys.OWN + "furniture/"

_SUFFIX = ".json"
_MOST_BYTES = 1_000_000
_REFRESH_SECONDS = 60
_PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?")
_ODD = re.compile(r"[^a-z0-9.-]+")


@dataclass(frozen=True)
class Sites:
    """The records of a bucket: a small JSON file a site."""

    bucket: Bucket

    def read(self, site: str) -> Site | None:
        """The record of a site, or ``None``.

        Raises:
            Misconfigured: it is no record any more.
        """
        return self._read(key_of(site))

    def all(self) -> Iterator[Site]:
        """Every record, by the names of their files. One that is damaged is warned of and passed over."""
        for entry in self.entries():
            if (site := self.read_entry(entry)) is not None:
                yield site

    def entries(self) -> Iterator[Entry]:
        """The records' files."""
        return (entry for entry in self.bucket.list(FURNITURE) if entry.key.endswith(_SUFFIX))

    def read_entry(self, entry: Entry) -> Site | None:
        """The record in a file; ``None`` with a warning when it is damaged."""
        try:
            return self._read(entry.key)
        except Misconfigured as error:
            _LOG.warning("furniture not used", cause=str(error))
            return None

    def write(self, site: Site) -> str:
        """Keep a record in place of what was there, and return its key."""
        key = key_of(site.site)
        self.bucket.put(key, site.model_dump_json(indent=1).encode("utf-8", "backslashreplace"))
        return key

    def remove(self, site: str) -> bool:
        """Remove the record of a site, damaged or not; whether there was one."""
        key = key_of(site)
        there = self.bucket.stat(key) is not None
        self.bucket.delete(key)
        return there

    def remove_all(self) -> int:
        """Remove every record, and return how many there were."""
        found = list(self.entries())
        for entry in found:
            self.bucket.delete(entry.key)
        return len(found)

    def _read(self, key: str) -> Site | None:
        try:
            return parsed(self.bucket.read(key, limit=_MOST_BYTES)[1], key)
        except Gone:
            return None
        except TooLarge as error:
            raise Misconfigured(f"{error}; a record has at most {_MOST_BYTES:,}: {_REMEDY}") from None


_REMEDY = "learn the site anew, or remove the file"


def parsed(data: bytes, name: str) -> Site:
    """A record out of its bytes; ``name`` tells a person which it is.

    Raises:
        Misconfigured: they are none.
    """
    try:
        return Site.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        said = f"{keys.shown(name)}: no record of a site's furniture ({where}: {first['msg']})"
        raise Misconfigured(f"{said}; {_REMEDY}") from None


def key_of(site: str) -> str:
    """Where the record of a site stands. Any name gives a file's name that every store takes."""
    if _PLAIN.fullmatch(site) and ".." not in site:
        return f"{FURNITURE}{site}{_SUFFIX}"
    digest = hashlib.sha256(keys.encode(site)).hexdigest()[:16]
    readable = _ODD.sub("_", keys.printable(site).lower()).strip("._-")[:60]
    return f"{FURNITURE}{readable}~{digest}{_SUFFIX}"


class Watched:
    """The furniture in use, as fresh as a minute; what has not changed is not read again."""

    def __init__(self, bucket: Bucket) -> None:
        self._sites = Sites(bucket)
        self._due = float("-inf")
        self._read: Mapping[str, tuple[str, Site | None]] = {}  # key: etag, record
        self._furniture = Furniture()

    def furniture(self) -> Furniture:
        """What is known of every site.

        Raises:
            ServiceUnavailable: the bucket does not answer.
        """
        if time.monotonic() < self._due:
            return self._furniture
        read = {}
        for entry in self._sites.entries():
            etag, site = self._read.get(entry.key, (None, None))
            read[entry.key] = (entry.etag, site if etag == entry.etag else self._sites.read_entry(entry))
        if read != self._read:
            self._read = read
            known = {site.site: known_lines(site) for _, site in read.values() if site is not None}
            self._furniture = Furniture(sites=known)
            _LOG.info("furniture", sites=len(known), lines=sum(map(len, known.values())))
        self._due = time.monotonic() + _REFRESH_SECONDS
        return self._furniture


def furniture_in_use(settings: Settings) -> Furniture | None:
    """What is known of every site, where the settings want it used."""
    return Watched(open_bucket(settings)).furniture() if settings.furniture else None
