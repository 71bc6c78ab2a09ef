"""The gazetteer: names of places looked up in a SQLite file.

Nothing of it is held in memory but a small cache; worker processes share the file's pages through the
operating system. The connection is opened on first use in each process, since SQLite handles must not
cross a fork.
"""

import os
import sqlite3
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from services.enrich.entities.compile import VERSION, version_of
from services.enrich.entities.fold import fold
from services.errors import Misconfigured

# "La." is Louisiana, but in capitals it is the city.
_CASED = {"LA": "Los Angeles", "L.A.": "Los Angeles"}
_COLUMNS = "SELECT ref, p.name, kind, lat, lon, country, admin1, admin2, population"
_BY_NAME = (
    f"{_COLUMNS}, preferred > 0, preferred > 1 FROM name n JOIN place p ON p.id = n.place"
    " WHERE n.key = ? ORDER BY population DESC"
)
_BY_REF = f"{_COLUMNS}, 1, 0 FROM place p WHERE ref = ? LIMIT 1"
_BY_DIVISION = f"{_COLUMNS}, 1, 0 FROM place p WHERE admin1 = ? AND kind = 'admin1' LIMIT 1"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a name may mean."""

    ref: str  # geo:172955, country:SY, region:euphrates
    name: str
    kind: str
    lat: float | None
    lon: float | None
    country: str | None
    admin1: str | None  # US.TX
    admin2: str | None
    population: int
    preferred: bool  # under its own name, not an alternate spelling
    usual: bool = False  # what everyone means by this name: the capital by "Washington"


class Gazetteer:
    """Reads the compiled file at ``path``."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise Misconfigured(f"{path}: no gazetteer there; run `copydesk models install`")
        if (version := version_of(path)) != VERSION:
            raise Misconfigured(
                f"{path}: a gazetteer of version {version}, this release needs {VERSION};"
                " run `copydesk models install`"
            )
        self._path = path
        self._pid: int | None = None
        self._db: sqlite3.Connection | None = None
        # Per instance, so that it goes away with it.
        self._lookup = lru_cache(maxsize=4096)(self._read)
        self._get = lru_cache(maxsize=4096)(self._read_ref)

    def lookup(self, name: str) -> tuple[Candidate, ...]:
        """All places called ``name``, the most populous first."""
        key = fold(_CASED.get(name, name))
        return self._lookup(key) if key else ()

    def get(self, ref: str) -> Candidate | None:
        """The place with this id; a division also by its code: ``US.TX``."""
        return self._get(ref)

    def admin1_name(self, code: str) -> str | None:
        """``Texas`` for ``US.TX``."""
        found = self._get(code)
        return found.name if found else None

    def _read(self, key: str) -> tuple[Candidate, ...]:
        found = self._connection().execute(_BY_NAME, (key,))
        return tuple(Candidate(*row) for row in found)

    def _read_ref(self, ref: str) -> Candidate | None:
        row = self._connection().execute(_BY_REF if ":" in ref else _BY_DIVISION, (ref,)).fetchone()
        return Candidate(*row) if row else None

    def _connection(self) -> sqlite3.Connection:
        if self._db is None or self._pid != os.getpid():
            # A parent's handle is left alone, not closed: closing it would drop the parent's locks.
            # Threads of one process read in turn; SQLite itself serialises them.
            self._db = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            self._pid = os.getpid()
        return self._db
