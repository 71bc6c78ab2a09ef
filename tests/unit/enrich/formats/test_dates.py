from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.enrich.formats.dates import parse_date

MOMENT = datetime(2024, 9, 23, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2024-09-23T10:15:00Z",
        "20240923T101500Z",
        "2024-09-23 10:15",
        "2024-09-23T10:15:00.000+00:00",
        "Mon, 23 Sep 2024 10:15:00 GMT",
        "23 Sep 24 10:15 UT",
        "23.09.2024 10:15",
        "2024-09-23T12:15:00+0200",
        "2024-09-23T12:15:00CEST",
        "Mon, 23 Sep 2024 06:15:00 EDT",
        "September 23, 2024 at 10:15 am",
        "1727086500",
        "1727086500000",
        1727086500,
        1727086500.0,
    ],
)
def test_a_moment_is_read_however_it_is_written(written: object) -> None:
    assert parse_date(written) == MOMENT


def test_the_offset_is_kept_as_written() -> None:
    moment = parse_date("2024-09-23T12:15:00+02:00")

    assert moment is not None
    assert moment.utcoffset() == timedelta(hours=2)


def test_indian_time_is_not_israels() -> None:
    assert parse_date("01:38:07 PM IST Nov 20, 2019") == datetime(
        2019, 11, 20, 13, 38, 7, tzinfo=timezone(timedelta(hours=5, minutes=30))
    )


@pytest.mark.parametrize(
    "written",
    [
        "2024-09-23",
        "20240923",
        "23 September 2024",
        "23. September 2024",
        "23 sept. 2024",
        "Sep 23, 2024",
        "SEPTEMBER 23, 2024",
        "Mon, 09/23/2024 - 00:00",
    ],
)
def test_a_day_is_its_midnight_in_utc(written: str) -> None:
    assert parse_date(written) == datetime(2024, 9, 23, tzinfo=UTC)


@pytest.mark.parametrize("written", ["Thu, 09/25/2025 - 11:38", "Thu, 25/09/2025 - 11:38"])
def test_drupal_puts_the_month_first_unless_it_is_none(written: str) -> None:
    assert parse_date(written) == datetime(2025, 9, 25, 11, 38, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "Feb 30, 2024",
        "Thu, 09/32/2025 - 11:38",
        "YYYYMMDD000000-HHMM",
        "0001-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "0000-00-00 00:00:00",
        "Next Monday",
        "yesterday",
        "2024-13-45",
        "2024",
        "10:15",
        "9999-12-31T23:59:59Z",
        None,
        True,
        0,
        12,
        -5,
        float("nan"),
        float("inf"),
        10**30,
        [],
        {},
        "1" * 5000,
        "Saturday 99",
        "23 Nonsense 2024",
    ],
)
def test_a_date_is_never_invented(written: object) -> None:
    assert parse_date(written) is None
