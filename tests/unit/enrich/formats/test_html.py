import pytest

from services.errors import ArticleRejected, FileIgnored, Reason
from tests.unit.enrich.formats.reading import LEAD, SECOND, article, read


def page(body: str, head: str = "<title>Lock to close - Test Wire</title>") -> str:
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{body}</body></html>"


STORY = f"<article><h1>Lock to close</h1><p>{LEAD}</p><p>{SECOND}</p><p>{LEAD}</p></article>"


def refusal(html: str) -> Reason:
    with pytest.raises(ArticleRejected) as rejected:
        read(html)
    return rejected.value.reason


def test_a_page_is_known_by_its_canonical_address() -> None:
    story = article(page(STORY, "<title>x</title><link rel='canonical' href='https://test.example/lock'>"))

    assert (story.uid, story.url) == ("https://test.example/lock", "https://test.example/lock")
    assert story.body.startswith(LEAD)


def test_a_page_of_scripts_is_read_from_its_schema_org_data() -> None:
    data = (
        '{"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Lock to close", '
        f'"url": "https://test.example/lock", "articleBody": "{LEAD} {SECOND} {LEAD}"}}'
    )
    story = article(page("<div id=app></div>", f"<script type='application/ld+json'>{data}</script>"))

    assert (story.uid, story.headline) == ("https://test.example/lock", "Lock to close")
    assert story.body.startswith(LEAD)


def test_error_pages_and_section_fronts_are_not_news() -> None:
    assert refusal(page("<h1>503 Service Unavailable</h1>", "<title>503</title>")) is Reason.NOT_NEWS
    teasers = "".join(f"<div><h2><a href='/{n}'>Headline {n}</a></h2><p>Short.</p></div>" for n in range(30))
    assert refusal(page(teasers, "<title>Front page</title>")) is Reason.NOT_NEWS


def test_a_page_that_only_forwards_is_ignored() -> None:
    with pytest.raises(FileIgnored):
        read(page("", "<meta http-equiv='refresh' content='0;url=https://test.example/'>"))


def test_nesting_beyond_reason_is_refused_at_once() -> None:
    assert refusal(page("<div>" * 100_000 + LEAD)) is Reason.TOO_DEEP
