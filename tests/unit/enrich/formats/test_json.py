import json

import pytest

from services.enrich.formats import parse
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Refusal
from tests.unit.enrich.formats.reading import LEAD, SECOND, article, articles, raw, read


def refusal(data: str) -> Reason:
    with pytest.raises(ArticleRejected) as rejected:
        read(data)
    return rejected.value.reason


@pytest.mark.parametrize(
    ("title", "text"),
    [("title", "text"), ("headline", "maintext"), ("headLine", "article_html"), ("name", "content")],
)
def test_fields_are_found_by_the_names_senders_give_them(title: str, text: str) -> None:
    story = article(
        json.dumps({"id": 7, title: "Lock to close", text: LEAD, "date_publish": "2024-09-23 10:15:00"})
    )

    assert (story.uid, story.headline, story.body) == ("7", "Lock to close", LEAD)
    assert story.published is not None


def test_authors_may_be_names_or_objects() -> None:
    assert article(
        json.dumps({"title": "T", "text": LEAD, "authors": ["Ana Example", {"name": "Bo Test"}]})
    ).authors == (
        "Ana Example",
        "Bo Test",
    )


def test_an_address_is_a_better_identity_than_a_number() -> None:
    assert (
        article(json.dumps({"id": 7, "url": "https://test.example/7", "text": LEAD})).uid
        == "https://test.example/7"
    )


def test_json_lines_keep_the_good_ones_and_name_the_bad() -> None:
    lines = [json.dumps({"id": 1, "text": LEAD}), '{"id": 2, "text": ', json.dumps({"id": 3, "text": SECOND})]

    first, second, third = read("\n".join(lines), "wrongly-named.json")

    assert isinstance(second, Refusal)
    assert (second.reason, second.item) == (Reason.BAD_JSON, "line 2")
    assert [getattr(item, "uid", None) for item in (first, third)] == ["1", "3"]


def test_articles_without_an_id_are_told_apart_by_their_place() -> None:
    assert [story.uid for story in articles(json.dumps([{"text": LEAD}, {"text": SECOND}]), "a.json")] == [
        "a.json",
        "a.json#2",
    ]


@pytest.mark.parametrize("wrapper", ["articles", "items", "results", "data"])
def test_a_wrapped_list_is_unwrapped(wrapper: str) -> None:
    assert len(articles(json.dumps({"count": 2, wrapper: [{"text": LEAD}, {"text": SECOND}]}))) == 2


def test_a_search_answer_is_unwrapped() -> None:
    assert article(json.dumps({"hits": {"hits": [{"_id": "1", "_source": {"text": LEAD}}]}})).body == LEAD


def test_one_bad_entry_does_not_stop_the_others() -> None:
    items = read(json.dumps([{"text": LEAD}, {"nothing": 1}, 5, {"text": SECOND}]))

    assert [isinstance(item, Refusal) for item in items] == [False, True, True, False]


def test_what_is_no_article_is_refused_with_its_reason() -> None:
    assert refusal('{"title": "T", "text": "cut off') is Reason.BAD_JSON
    assert refusal("{'title': 'T', 'text': 'Python'}") is Reason.BAD_JSON
    assert refusal("42") is Reason.SCHEMA
    assert refusal('{"temperature": 3}') is Reason.SCHEMA
    assert refusal('{"title": "T", "text": 5}') is Reason.TYPE_MISMATCH
    assert refusal('{"title": "Only a title"}') is Reason.NO_TEXT
    assert refusal('{"title": "Dots", "text": ". . ."}') is Reason.NO_TEXT
    assert refusal("[" * 100_000) in {Reason.TOO_DEEP, Reason.BAD_JSON}


def test_an_empty_list_is_sound_and_ignored() -> None:
    with pytest.raises(FileIgnored):
        read("[]")


def test_what_the_standard_forbids_is_made_harmless() -> None:
    story = article(
        '{"id": '
        + "9" * 5000
        + ', "title": "Lock \\ud800\\u0000closes", "text": "'
        + LEAD
        + '", "score": NaN}'
    )

    assert story.headline == "Lock closes"
    assert len(story.uid) < 600


def test_json_feed_is_read() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Test Wire",
        "items": [
            {
                "id": "1",
                "title": "Lock to close",
                "content_html": f"<p>{LEAD}</p>",
                "date_published": "2024-09-23T10:15:00Z",
            }
        ],
    }
    story = article(json.dumps(feed))

    assert parse(raw(json.dumps(feed))).format == "jsonfeed"
    assert (story.uid, story.source, story.body) == ("1", "Test Wire", LEAD)


def test_schema_org_articles_are_found_in_a_graph() -> None:
    graph = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "Organization", "name": "Test Wire"},
            {
                "@type": ["NewsArticle"],
                "headline": "Lock to close",
                "articleBody": LEAD,
                "author": {"name": "Ana Example"},
            },
        ],
    }
    story = article(json.dumps(graph))

    assert (story.headline, story.byline, story.body) == ("Lock to close", "Ana Example", LEAD)
