"""Dates as newsrooms write them: ISO 8601 in all its spellings, RFC 822, and free forms.

A date without a zone is read as UTC, a day as its midnight in UTC. What cannot be read, template
text (``YYYYMMDD``) and placeholders (year 1, the Unix epoch) give ``None``: a date is never invented.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

_ISO = re.compile(
    r"""^(\d{4})-?(\d\d)-?(\d\d)
        (?:[T\s]*(\d{1,2}):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?)?
        \s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?|[A-Z]{3,4})?(?:\[[\w/]+\])?$""",
    re.VERBOSE | re.IGNORECASE,
)
# Mon, 23 Sep 2024 10:15:00 +0200 — the weekday, the seconds and the zone may be missing.
_RFC822 = re.compile(
    r"""^(?:[^\W\d]+\.?,?\s+)?(\d{1,2})[\s.-]+([^\W\d]+)\.?[\s,-]+(\d{4}|\d\d)
        (?:,?\s+(?:at\s+)?(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?
        \s*([+-]\d{4}|[+-]\d\d:\d\d|[A-Z]{1,5})?(?:\s*\([^)]*\))?$""",
    re.VERBOSE | re.IGNORECASE,
)
# 23.09.2024 10:15 — the day comes first wherever dots are used.
_DOTTED = re.compile(r"^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?:,?\s+(\d{1,2}):(\d\d)(?::(\d\d))?)?$")
# Jan 17, 2025, and Thu, 09/25/2025 - 11:38 as Drupal writes it: common enough to spare dateparser.
_AMERICAN = re.compile(
    r"""^(jan|january|feb|february|mar|march|apr|april|may|june?|july?|aug|august|sept?|september|oct|october
        |nov|november|dec|december)\s(\d{1,2}),\s((?:19|20)\d\d)$""",
    re.VERBOSE | re.IGNORECASE,
)
_DRUPAL = re.compile(r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d)/(\d\d)/((?:19|20)\d\d) - (\d\d):(\d\d)$")
_MONTHS = {
    prefix: number
    for number, names in enumerate(
        (
            "jan gen ene", "feb fév fev", "mar mär mrz", "apr avr abr", "may mai mag maj mei", "jun juin giu",
            "jul juil lug", "aug ago aoû", "sep set", "oct okt ott out", "nov", "dec dez dic déc",
        ),
        start=1,
    )
    for prefix in names.split()
}  # fmt: skip
#: Written-out dates in these; trying every language there is would take a tenfold time.
_LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl", "sv", "nb", "da", "fi", "pl", "cs", "ru", "tr", "ar"]
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 60, "west": 60, "cet": 60, "mez": 60,
    "cest": 120, "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "ist": 330, "jst": 540, "kst": 540,
    "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
    "est": -300, "edt": -240, "et": -300, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360,
    "pst": -480, "pdt": -420, "akst": -540, "akdt": -480, "hst": -600, "ast": -240, "adt": -180,
    "nst": -210, "ndt": -150, "brt": -180, "art": -180,
}  # fmt: skip


def parse_date(value: Any) -> datetime | None:
    """An aware datetime, or ``None``. Numbers are seconds or milliseconds since 1970."""
    if isinstance(value, datetime):
        return _sane(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return _epoch(value)
    if not isinstance(value, str) or len(value) > 100:
        return None
    return _read(" ".join(value.split()))


@lru_cache(maxsize=4096)
def _read(text: str) -> datetime | None:
    if not any(char.isdigit() for char in text):
        return None
    if re.fullmatch(r"1\d{9}|1\d{12}", text):
        return _epoch(int(text))
    if found := _ISO.match(text):
        *parts, zone = found.groups()
        return _build(parts, zone)
    if found := _RFC822.match(text):
        day, name, year, hour, minute, second, zone = found.groups()
        if number := _month(name):
            if len(year) == 2:  # RFC 2822, 4.3: 00-49 are this century
                year = ("20" if int(year) < 50 else "19") + year
            return _build((year, number, day, hour, minute, second), zone)
    if found := _DOTTED.match(text):
        day, month, year, hour, minute, second = found.groups()
        return _build((year, month, day, hour, minute, second), None)
    if found := _AMERICAN.match(text):
        name, day, year = found.groups()
        return _build((year, _month(name), day, 0, 0, 0), None)
    if (found := _DRUPAL.match(text)) and int(found[1]) <= 12:
        month, day, year, hour, minute = found.groups()
        return _build((year, month, day, hour, minute, 0), None)
    return _free(text)


def _month(name: str) -> int | None:
    name = name.lower()
    return _MONTHS.get(name[:4]) or _MONTHS.get(name[:3])


def _build(parts: Sequence[str | int | None], zone: str | None) -> datetime | None:
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    try:
        second = min(second, 59)  # a leap second is written :60
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return _sane(moment.replace(tzinfo=zone_of(zone)))
    except (ValueError, OverflowError):
        return None


def zone_of(text: str | None) -> timezone:
    """``+0200``, ``+02:00``, ``+02``, ``Z`` or a usual abbreviation; anything else is UTC."""
    if not text:
        return UTC
    if text[0] in "+-":
        digits = text[1:].replace(":", "").ljust(4, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
        if not offset:
            return UTC
        if offset < timedelta(hours=16):
            return timezone(-offset if text[0] == "-" else offset)
        return UTC
    minutes = _ZONES.get(text.lower(), 0)
    return timezone(timedelta(minutes=minutes)) if minutes else UTC


def _epoch(value: float) -> datetime | None:
    if not abs(value) < 1e14:  # also refuses NaN, and integers too long to convert
        return None
    seconds = value / 1000 if abs(value) > 1e11 else value
    if seconds < 100_000_000:  # before March 1973: a counter or a flag, not a date
        return None
    return _sane(datetime.fromtimestamp(seconds, tz=UTC))


def _free(text: str) -> datetime | None:
    """Free forms with a year and a day ("01:38:07 PM IST Nov 20, 2019"); never relative ones."""
    if len(text) > 60 or not re.search(r"\b(?:1[89]|20)\d\d\b", text) or len(re.findall(r"\d+", text)) < 2:
        return None
    import dateparser  # a second to import: only for the few dates that need it

    zone = next((word for word in re.findall(r"\b[A-Z]{3,4}\b", text) if word.lower() in _ZONES), None)
    moment: datetime | None = dateparser.parse(
        text.replace(zone, "") if zone else text,
        languages=_LANGUAGES,
        settings={"PARSERS": ["absolute-time"], "REQUIRE_PARTS": ["day", "month", "year"]},
    )
    if moment is None:
        return None
    return _sane(moment if moment.tzinfo else moment.replace(tzinfo=zone_of(zone)))


def _sane(moment: datetime) -> datetime | None:
    """Placeholders out: year 1, the epoch itself, and what no file can be about."""
    if not 1600 <= moment.year <= 2200:
        return None
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        return None
    if (utc.year, utc.month, utc.day, utc.hour, utc.minute) == (1970, 1, 1, 0, 0):
        return None
    # A fixed offset survives JSON; a named zone or one with seconds does not.
    offset = moment.utcoffset() or timedelta()
    if offset.total_seconds() % 60:
        return utc
    return moment.replace(tzinfo=timezone(offset) if offset else UTC)
