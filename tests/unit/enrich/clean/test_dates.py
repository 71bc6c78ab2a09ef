"""Printed dates."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.clean.dates import find


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("The Wexley Argus, October 24, 2017", datetime(2017, 10, 24, tzinfo=UTC)),
        ("22 October 2017", datetime(2017, 10, 22, tzinfo=UTC)),
        ("Stand: 12.03.2024, 10:15 Uhr", datetime(2024, 3, 12, 10, 15, tzinfo=UTC)),
        ("3 de marzo de 2021", datetime(2021, 3, 3, tzinfo=UTC)),
        ("1er février 2022 à 08h30", datetime(2022, 2, 1, 8, 30, tzinfo=UTC)),
        ("14 listopada 2023", datetime(2023, 11, 14, tzinfo=UTC)),
        ("2017年10月24日", datetime(2017, 10, 24, tzinfo=UTC)),
        ("2024년 3월 5일", datetime(2024, 3, 5, tzinfo=UTC)),
        ("10/24/2017 at 5:30 p.m. EST", datetime(2017, 10, 24, 17, 30, tzinfo=timezone(timedelta(hours=-5)))),
        ("2024-03-01T10:00:00Z", datetime(2024, 3, 1, 10, tzinfo=UTC)),
    ],
)
def test_a_printed_date_is_read(text, moment):
    found = find(text)
    assert found is not None
    assert found[0] == moment


@pytest.mark.parametrize(
    "text", ["Year: 2017", "yesterday", "May 2017", "31 February 2020", "Pages: 128", "12:30"]
)
def test_no_date_is_made_up(text):
    assert find(text) is None


@given(st.text(alphabet="0123456789 .,:/-年月日MaytOctober", max_size=40))
def test_any_text_is_read_without_a_crash(text):
    found = find(text)
    assert found is None or text[found[1] : found[2]]
