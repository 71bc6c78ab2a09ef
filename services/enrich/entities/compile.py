"""Compiles the gazetteer: places into one SQLite file."""

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from services.enrich.entities.fold import fold

#: Raise it when the file's content changes: an older file is then built again.
VERSION = 4
ATTRIBUTION = "Contains data from GeoNames (https://www.geonames.org), licensed CC BY 4.0."

_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE place (
    id INTEGER PRIMARY KEY, ref TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
    lat REAL, lon REAL, country TEXT, admin1 TEXT, admin2 TEXT, population INTEGER NOT NULL
);
CREATE TABLE name (
    key TEXT NOT NULL, place INTEGER NOT NULL, preferred INTEGER NOT NULL, PRIMARY KEY (key, place)
) WITHOUT ROWID;
CREATE INDEX reference ON place (ref);
CREATE INDEX division ON place (admin1) WHERE kind = 'admin1';
"""


@dataclass(slots=True)
class Row:
    """A place on its way into the file. ``admin1`` is ``US.TX``, ``admin2`` a GeoNames id."""

    ref: str
    name: str
    kind: str
    lat: float | None = None
    lon: float | None = None
    country: str | None = None
    admin1: str | None = None
    admin2: str | None = None
    population: int = 0
    usual: tuple[str, ...] = ()  # names that mean this place unless something speaks against it
    names: tuple[str, ...] = ()  # the preferred ones: the name itself need not be repeated
    alternates: tuple[str, ...] = ()  # other spellings, languages, history


def compile_gazetteer(path: Path, places: Iterable[Row]) -> None:
    """Write ``places`` to a new file at ``path``."""
    db = sqlite3.connect(path)
    try:
        # A half-written file is thrown away by the caller: durability would only cost time.
        db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        names: dict[tuple[str, int], int] = {}
        number = 0
        for number, row in enumerate(places, start=1):
            db.execute(
                "INSERT INTO place VALUES (?,?,?,?,?,?,?,?,?,?)",
                (
                    *(number, row.ref, row.name, row.kind, row.lat, row.lon),
                    *(row.country, row.admin1, row.admin2, row.population),
                ),
            )
            for alternate in row.alternates:
                if key := fold(alternate):
                    names.setdefault((key, number), 0)
            for name in (row.name, *row.names):
                if key := fold(name):
                    names[key, number] = 1
            for name in row.usual:
                names[fold(name), number] = 2
        db.executemany(
            "INSERT INTO name VALUES (?,?,?)", ((*key, preferred) for key, preferred in sorted(names.items()))
        )
        meta = {"version": str(VERSION), "attribution": ATTRIBUTION, "places": str(number)}
        db.executemany("INSERT INTO meta VALUES (?,?)", meta.items())
        db.commit()
    finally:
        db.close()


def version_of(path: Path) -> int | None:
    """The version a gazetteer file was built as; nothing when it is none."""
    if not path.is_file():
        return None
    db = sqlite3.connect(f"file:{os.fspath(path)}?mode=ro", uri=True)
    try:
        found = db.execute("SELECT value FROM meta WHERE name = 'version'").fetchone()
        return int(found[0]) if found else None
    except sqlite3.Error:
        return None
    finally:
        db.close()
