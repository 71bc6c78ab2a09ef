"""Dates as pages print them, in the languages most newsrooms write in.

A printed date is read only where day, month and year all stand there; nothing is guessed from
"yesterday", from a year alone or from the clock.
"""

import re
import tomllib
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files

_MONTHS: dict[str, list[str]] = tomllib.loads(files(__package__).joinpath("months.toml").read_text("utf-8"))
_NUMBER = {name: number for number, names in enumerate(_MONTHS.values(), start=1) for name in names}
_NAMES = "|".join(sorted(_NUMBER, key=len, reverse=True))
_CLOCK = (
    r"(?:[\s,|•·–—-]*(?:at|um|à|a\s+las|alle|om|kl\.?|o|в|ore)?\s*(?P<hour{0}>[0-2]?\d)[:.h](?P<minute{0}>[0-5]\d)"
    r"(?::\d\d)?\s*(?P<half{0}>[ap]\.?m\b\.?)?\s*(?:Uhr\s*)?"
    r"(?P<zone{0}>UTC|GMT|Z\b|[+-]\d\d:?\d\d|[A-Z]{{2,4}}T\b|MEZ|MESZ|BST|CET|CEST|IST)?)?"
)
_FORMS = (
    (
        r"(?P<y1>(?:19|20)\d\d)-(?P<m1>\d\d)-(?P<d1>\d\d)(?:[T\s](?P<hour1>\d\d):(?P<minute1>\d\d)"
        r"(?::\d\d(?:\.\d+)?)?\s*(?P<zone1>Z|[+-]\d\d:?\d\d)?(?P<half1>)?)?"
    ),
    rf"\b(?P<n2>{_NAMES})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>(?:19|20)\d\d)(?!\d)"
    + _CLOCK.format(2),
    (
        rf"\b(?P<d3>\d{{1,2}})(?:\.|st|nd|rd|th|er|º|ª)?\s*(?:de\s+|of\s+)?[-–]?\s*(?P<n3>{_NAMES})\b\.?,?\s*[-–]?"
        r"(?:del?\s+)?\s*(?P<y3>(?:19|20)\d\d)(?!\d)" + _CLOCK.format(3)
    ),
    r"\b(?P<d4>\d{1,2})\.\s?(?P<m4>\d{1,2})\.\s?(?P<y4>(?:19|20)\d\d)(?!\d)" + _CLOCK.format(4),
    r"(?P<y5>(?:19|20)\d\d)\s?[年년./]\s?(?P<m5>\d{1,2})\s?[月월./]\s?(?P<d5>\d{1,2})\s?[日일]?\.?"
    + _CLOCK.format(5),
    r"\b(?P<d6>\d{1,2})/(?P<m6>\d{1,2})/(?P<y6>(?:19|20)\d\d)(?!\d)" + _CLOCK.format(6),
)
_DATE = re.compile("|".join(f"(?:{form})" for form in _FORMS), re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_OFFSETS = {"bst": 60, "cet": 60, "mez": 60, "cest": 120, "mesz": 120, "est": -300, "edt": -240, "et": -300,
            "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
            "pt": -480, "ist": 330, "jst": 540, "kst": 540, "hkt": 480, "sgt": 480, "aest": 600, "aedt": 660,
            "eet": 120, "eest": 180, "msk": 180}  # fmt: skip


def find(text: str) -> tuple[datetime, int, int] | None:
    """The first printed date with its place in the text. Slashes are read day first unless that fails."""
    if not _DIGIT.search(text):
        return None
    for match in _DATE.finditer(text):
        if (moment := _read(match)) is not None:
            return moment, match.start(), match.end()
    return None


def _read(match: re.Match[str]) -> datetime | None:
    parts = match.groupdict()
    form = next(number for number in range(1, len(_FORMS) + 1) if parts[f"y{number}"])
    year, day = int(parts[f"y{form}"]), int(parts[f"d{form}"])
    named = parts.get(f"n{form}")
    month = _NUMBER.get(named.casefold(), 0) if named else int(parts[f"m{form}"])
    if form == 6 and month > 12:  # 10/24/2017
        month, day = day, month
    hour, minute = int(parts[f"hour{form}"] or 0), int(parts[f"minute{form}"] or 0)
    half = (parts[f"half{form}"] or "").casefold()
    if half.startswith("p") and hour < 12:
        hour += 12
    elif half.startswith("a") and hour == 12:
        hour = 0
    try:
        return datetime(year, month, day, hour, minute, tzinfo=_zone(parts[f"zone{form}"]))
    except ValueError:
        return None


def _zone(text: str | None) -> timezone:
    if not text or text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    if text[0] in "+-":
        minutes = int(text[1:3]) * 60 + int(text[-2:])
        minutes = -minutes if text[0] == "-" else minutes
    else:
        minutes = _OFFSETS.get(text.casefold(), 0)
    return timezone(timedelta(minutes=minutes)) if minutes and abs(minutes) < 960 else UTC
