"""What reader services write above a page."""

from datetime import UTC, datetime

import pytest

from services.enrich.formats import text

PAGE = """[Skip to content](https://argus.example/bridge#main)

# Bridge to close

By Ada Byrne

The council of Lower Wexley voted on Tuesday to close the old bridge for eighteen months of repairs.

Residents said the detour would add half an hour to the way to school, and asked for a ferry.

“We have heard them,” the mayor told reporters, “and there will be a boat before the winter comes.”
"""
HEADER = (
    "Title: Bridge to close | The Wexley Argus",
    "URL Source: https://argus.example/bridge",
    "Published Time: 2024-03-03T09:30:00Z",
    "Markdown Content:",
)


@pytest.mark.parametrize("between", ["\n", "\n\n", "\n \n\n"])
def test_the_header_of_a_reader_service_gives_address_and_date(between):
    article = text.read(f"{between.join(HEADER)}\n{PAGE}")
    assert article.url == article.uid == "https://argus.example/bridge"
    assert article.published == datetime(2024, 3, 3, 9, 30, tzinfo=UTC)
    assert article.headline == "Bridge to close"
    assert article.authors == ("Ada Byrne",)
    assert not any("URL Source" in block.text for block in article.blocks)


def test_fields_that_the_service_leaves_out_or_adds_make_no_difference():
    lines = (HEADER[0], HEADER[1], "Warning: This page may be paged.", HEADER[3])
    article = text.read("\n\n".join((*lines, PAGE)))
    assert article.url == "https://argus.example/bridge"
    assert article.published is None


@pytest.mark.parametrize(
    "lines",
    [
        (HEADER[0], HEADER[2], HEADER[3]),
        (HEADER[0], "URL Source: our archive", HEADER[3]),
        (HEADER[0], "Some words of an article.", *HEADER[1:]),
        HEADER[:3],
    ],
)
def test_a_page_that_only_resembles_such_a_header_is_read_as_it_stands(lines):
    article = text.read("\n\n".join((*lines, PAGE)))
    assert article.url is None
    assert any(block.text.startswith("Title:") for block in article.blocks)
