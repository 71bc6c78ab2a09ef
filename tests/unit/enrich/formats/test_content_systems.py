"""What content systems export as JSON: wrappers, containers of fields, and bodies kept as trees."""

import json
from typing import Any

import pytest

from services.models import BlockKind, Status
from tests.unit.enrich.formats.reading import LEAD, SECOND, article, articles

HTML = f"<p>{LEAD}</p><p>{SECOND}</p>"


def span(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


LINK = {"type": "link", "children": [span(LEAD[20:])]}
TREES: dict[str, Any] = {
    "portable text": [
        {"_type": "block", "style": "normal", "children": [span(LEAD[:20]), span(LEAD[20:])]},
        {"_type": "image", "asset": {"_ref": "x"}, "caption": "The lock"},
        {"_type": "block", "style": "h2", "children": [span("Cracks")]},
        {"_type": "block", "style": "normal", "children": [span(SECOND)]},
    ],
    "contentful": {
        "nodeType": "document",
        "content": [
            {
                "nodeType": "paragraph",
                "content": [
                    {"nodeType": "text", "value": LEAD[:9]},
                    {"nodeType": "hyperlink", "content": [{"nodeType": "text", "value": LEAD[9:20]}]},
                    {"nodeType": "text", "value": LEAD[20:]},
                ],
            },
            {"nodeType": "heading-2", "content": [{"nodeType": "text", "value": "Cracks"}]},
            {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": SECOND}]},
        ],
    },
    "prosemirror": {
        "type": "doc",
        "content": [
            {"type": "paragraph", "content": [span(LEAD[:20]), span(LEAD[20:])]},
            {"type": "heading", "attrs": {"level": 2}, "content": [span("Cracks")]},
            {"type": "paragraph", "content": [span(SECOND)]},
        ],
    },
    "lexical": {
        "root": {
            "children": [
                {"type": "paragraph", "children": [span(LEAD[:20]), LINK]},
                {"type": "heading", "tag": "h2", "children": [span("Cracks")]},
                {"type": "paragraph", "children": [span(SECOND)]},
            ]
        }
    },
    "draft.js": {
        "blocks": [
            {"text": LEAD, "type": "unstyled"},
            {"text": "Cracks", "type": "header-two"},
            {"text": SECOND, "type": "unstyled"},
        ],
        "entityMap": {},
    },
    "editor.js": [
        {"type": "paragraph", "data": {"text": LEAD}},
        {"type": "header", "data": {"text": "Cracks", "level": 2}},
        {"type": "paragraph", "data": {"text": SECOND}},
    ],
    "ans": [
        {"type": "text", "content": LEAD},
        {"type": "interstitial_link", "content": "Read more"},
        {"type": "header", "level": 2, "content": "Cracks"},
        {"type": "text", "content": SECOND},
    ],
}  # fmt: skip


@pytest.mark.parametrize("system", TREES)
def test_a_body_kept_as_a_tree_keeps_paragraphs_and_headings(system: str) -> None:
    story = article(json.dumps({"title": "Lock to close", "body": TREES[system]}))

    kept = [(block.kind, block.text) for block in story.blocks if block.kept]
    assert kept == [
        (BlockKind.PARAGRAPH, LEAD),
        (BlockKind.HEADING, "Cracks"),
        (BlockKind.PARAGRAPH, SECOND),
    ]


def test_a_tree_written_into_a_string_is_read_as_the_tree() -> None:
    story = article(json.dumps({"title": "Lock to close", "body": json.dumps(TREES["draft.js"])}))

    assert story.body == f"{LEAD}\n\nCracks\n\n{SECOND}"


def test_lists_and_quotes_in_a_tree_keep_their_kind() -> None:
    body = [
        {"type": "paragraph", "text": LEAD},
        {"type": "list", "items": [{"type": "text", "content": "First point."}]},
        {"type": "quote", "content_elements": [{"type": "text", "content": "Words of the council."}]},
        {"type": "table", "header": [{"content": "Lock"}], "rows": [[{"content": "Old"}]]},
    ]
    kinds = [block.kind for block in article(json.dumps({"title": "T", "content_elements": body})).blocks]

    assert kinds == [BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.QUOTE, BlockKind.TABLE]


@pytest.mark.parametrize(
    "document",
    [
        {"data": [{"id": "7", "attributes": {"title": "Lock to close", "body": {"value": HTML}}}]},
        {"items": [{"sys": {"id": "7"}, "fields": {"title": {"en": "Lock to close"}, "body": {"en": HTML}}}]},
        {"response": {"content": {"id": "7", "webTitle": "Lock to close", "fields": {"body": HTML}}}},
        {"db": [{"data": {"posts": [{"id": "7", "title": "Lock to close", "html": HTML}]}}]},
        {"data": {"articles": {"edges": [{"node": {"id": "7", "title": "Lock to close", "body": HTML}}]}}},
        {"story": {"id": 7, "name": "news/lock", "content": {"headline": "Lock to close", "text": HTML}}},
    ],
)
def test_an_article_is_found_in_its_wrappings(document: dict[str, Any]) -> None:
    story = article(json.dumps(document))

    assert (story.uid, story.headline, story.body) == ("7", "Lock to close", f"{LEAD}\n\n{SECOND}")


def test_several_articles_in_unknown_wrappings_are_each_one() -> None:
    page = {
        "page": {
            "zones": [{"stories": [{"title": "A", "body": LEAD}]}, {"list": [{"title": "B", "body": SECOND}]}]
        }
    }

    assert [story.headline for story in articles(json.dumps(page))] == ["A", "B"]


def test_an_author_with_a_biography_is_no_article_of_its_own() -> None:
    story = article(
        json.dumps(
            {"entry": {"author": {"title": "Ana", "text": SECOND}, "title": "Lock to close", "text": LEAD}}
        )
    )

    assert story.headline == "Lock to close"


def test_a_wordpress_post_says_when_it_was_published_and_by_whom() -> None:
    post = {
        "id": 1,
        "date": "2024-09-23T12:15:00",
        "date_gmt": "2024-09-23T10:15:00",
        "guid": {"rendered": "https://test.example/?p=1"},
        "title": {"rendered": "Lock to &#8220;close&#8221;"},
        "content": {"rendered": HTML},
        "author": 3,
        "tags": [7],
        "_embedded": {"author": [{"name": "Ana Example"}], "wp:term": [[{"name": "Harbour"}]]},
    }
    story = article(json.dumps([post]))

    assert (story.uid, story.headline) == ("https://test.example/?p=1", "Lock to “close”")
    assert (story.byline, story.keywords) == ("Ana Example", ("Harbour",))
    assert story.published is not None
    assert story.published.hour == 10


@pytest.mark.parametrize("status", ["draft", "future", "auto-draft", "scheduled", False])
def test_what_is_not_public_yet_is_withheld(status: Any) -> None:
    assert article(json.dumps({"title": "T", "text": LEAD, "status": status})).status is Status.WITHHELD


@pytest.mark.parametrize("embargo", ["Next Monday", True])
def test_an_embargo_without_a_moment_holds_the_story(embargo: Any) -> None:
    assert article(json.dumps({"title": "T", "text": LEAD, "embargo": embargo})).status is Status.WITHHELD


@pytest.mark.parametrize("embargo", ["", "no", False, "0001-01-01T00:00:00Z", None])
def test_an_empty_embargo_holds_nothing(embargo: Any) -> None:
    story = article(json.dumps({"title": "T", "text": LEAD, "embargo": embargo}))

    assert (story.status, story.embargo) == (Status.USABLE, None)


def test_wrapped_dates_names_and_ids_are_unwrapped() -> None:
    story = article(
        json.dumps(
            {
                "_id": {"$oid": "64f0"},
                "headline": {"main": "Lock to close", "print": "Lock"},
                "body": LEAD,
                "byline": {"original": "By Ana Example"},
                "published": {"$date": "2024-09-23T10:15:00Z"},
                "keywords": [{"name": "subject", "value": "Locks"}],
                "version": "0.10.9",
            }
        )
    )

    assert (story.uid, story.headline, story.byline) == ("64f0", "Lock to close", "By Ana Example")
    assert story.published is not None
    assert (story.keywords, story.version) == (("Locks",), None)


def test_an_address_in_the_place_of_the_source_is_the_address() -> None:
    story = article(json.dumps({"title": "T", "text": LEAD, "source": "https://test.example/lock"}))

    assert (story.url, story.source) == ("https://test.example/lock", "test.example")


def test_names_of_fields_in_other_languages_and_vocabularies_are_known() -> None:
    german = article(json.dumps({"Überschrift": "Schleuse", "Inhalt": LEAD, "Verfasser": "Ana Example"}))
    dublin = article(json.dumps({"dc:title": "Lock", "content": LEAD, "dc:creator": "Ana Example"}))

    assert (german.headline, german.byline) == ("Schleuse", "Ana Example")
    assert (dublin.headline, dublin.byline) == ("Lock", "Ana Example")
