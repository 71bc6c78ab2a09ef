"""Learn the furniture of sites from files that were worked on before, in bounded memory.

The newest files come first, and of each site only so many pages are looked at: more would cost time and
tell nothing new, and what a site has stopped printing is forgotten. Their lines wait on disk, for a bucket
may hold pages of thousands of sites.
"""

import functools
import itertools
import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from services.bucket import Bucket, Gone, TooLarge, keys, open_bucket
from services.enrich.clean.recurring import PageLine, Site, lines_of, recurring, site_of
from services.enrich.formats import parse
from services.enrich.limits import DeadlineExceeded, deadline
from services.enrich.pool import Lost, imap
from services.errors import ArticleRejected, FileIgnored
from services.ingest import archive
from services.models import RawFile, Refusal
from services.settings import Settings
from services.telemetry import log

_LOG = log(__name__)

MOST_PAGES = 60  # of a site
_MOST_OF_FILE = 500  # articles of one file


@dataclass(frozen=True)
class Seen:
    """A page as it is counted: whose it is, which article, and its lines."""

    site: str
    uid: str
    lines: tuple[PageLine, ...]


class Pages:
    """The newest page of each article, some a site, on disk until they are counted."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._base = sqlite3.connect("")  # a file of its own that ends with the connection
        self._base.execute("CREATE TABLE page (site, uid, lines, PRIMARY KEY (site, uid)) WITHOUT ROWID")

    def add(self, page: Seen) -> None:
        """Keep a page, unless there are enough of its site."""
        if self._counts[page.site] >= MOST_PAGES:
            return
        lines = json.dumps([astuple(line) for line in page.lines])
        row = (page.site, page.uid, lines)
        self._counts[page.site] += self._base.execute(
            "INSERT OR IGNORE INTO page VALUES (?, ?, ?)", row
        ).rowcount

    def sites(self) -> list[Site]:
        """What is learnt of each site, by name."""
        return [self._site(name) for name in sorted(self._counts)]

    def _site(self, name: str) -> Site:
        rows = self._base.execute("SELECT lines FROM page WHERE site = ?", (name,))
        pages = [[PageLine(*line) for line in json.loads(lines)] for (lines,) in rows]
        articles, lines = recurring(pages)
        return Site(
            site=name,
            articles=articles,
            learnt=datetime.now(UTC).replace(microsecond=0),
            by=f"copydesk/{version('copydesk')}",
            lines=lines,
        )


def learn(found: Iterable[Seen], site: str | None = None) -> list[Site]:
    """What is learnt of the sites of these pages, the newest pages first; or of one site alone."""
    pages = Pages()
    for page in found:
        if site in (None, page.site):
            pages.add(page)
    return pages.sites()


def processed(settings: Settings, *, days: int, jobs: int) -> Iterator[Seen]:
    """The pages of the files that were processed on the last ``days`` days with any, the newest first.

    Raises:
        Misconfigured, ServiceUnavailable: as the bucket does.
    """
    bucket = open_bucket(settings)
    newest = itertools.islice(reversed(archive.days(bucket)), days)
    names = (
        entry.key
        for day in newest
        for entry in bucket.list(f"{keys.PROCESSED}{day:%Y/%m/%d}/")
        if not entry.key.endswith(keys.IGNORED_SUFFIX)
    )

    def of_file(key: str) -> list[Seen]:
        try:
            entry, data = _bucket(os.getpid(), settings).read(key, limit=settings.max_file_bytes)
        except (Gone, TooLarge):
            return []
        name = keys.printable(archive.name_of(key))
        return seen(RawFile(key=name, data=data, modified=entry.modified), settings.file_seconds)

    for key, result in imap(of_file, names, jobs=jobs, seconds=settings.file_seconds + 5):
        yield from _found(keys.printable(key), result)


def local(
    paths: Iterable[tuple[str, Path]], settings: Settings, *, site: str | None, jobs: int
) -> Iterator[Seen]:
    """The pages of files on this machine, given with their names as they might have been dropped.

    Those that name no site of their own are taken for pages of ``site``.
    """

    def of_file(named: tuple[str, Path]) -> list[Seen]:
        name, path = named
        try:
            modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            raw = RawFile(key=keys.printable(name), data=path.read_bytes(), modified=modified)
        except OSError as error:
            _LOG.warning("not learnt from", key=keys.printable(name), cause=str(error.strerror))
            return []
        return seen(raw, settings.file_seconds, site)

    for (name, _), result in imap(of_file, paths, jobs=jobs, seconds=settings.file_seconds + 5):
        yield from _found(keys.printable(name), result)


def seen(raw: RawFile, seconds: float, site: str | None = None) -> list[Seen]:
    """The pages of a file, as far as it can be read in time."""
    found: list[Seen] = []
    try:
        with deadline(seconds):
            for article in itertools.islice(parse(raw).items, _MOST_OF_FILE):
                if isinstance(article, Refusal):
                    continue
                name = site_of(article, raw.key) or site
                if name is not None:
                    found.append(Seen(name, article.uid, lines_of(article)))
    except (ArticleRejected, FileIgnored, DeadlineExceeded):
        pass  # what came before is as good as any other page
    except Exception as error:  # noqa: BLE001  # a bug that one file meets must not hide the others
        _LOG.warning("not learnt from", key=raw.key, cause=str(error))
    return found


def _found(name: str, result: list[Seen] | Lost) -> list[Seen]:
    if isinstance(result, Lost):
        _LOG.warning("not learnt from", key=name, cause=result.detail)
        return []
    return result


@functools.cache
def _bucket(_pid: int, settings: Settings) -> Bucket:
    # Connections must not be shared across a fork: each child opens its own.
    return open_bucket(settings)
