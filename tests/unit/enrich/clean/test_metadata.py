"""What a page says about itself, where its statements do not agree or say little."""

import json

import pytest

from services.enrich.clean import dom, metadata


def read(head="", body=""):
    return metadata.read(dom.parse(f"<html><head>{head}</head><body>{body}</body></html>"))


def linked(data):
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def test_the_printed_headline_beats_one_that_was_written_for_search_engines():
    seo = "Why the harbour bridge is closed until October"
    head = f"<title>{seo}</title>" + "".join(
        f'<meta property="{name}" content="{seo}">' for name in ("og:title", "twitter:title")
    )
    assert read(head, "<h1>Harbour bridge closed until October</h1>").headline == (
        "Harbour bridge closed until October"
    )


def test_an_author_that_is_only_referred_to_is_looked_up():
    graph = [
        {"@type": "NewsArticle", "headline": "Bridge", "author": {"@id": "#ada"}},
        {"@type": "Person", "@id": "#ada", "name": "Ada Byrne"},
    ]
    assert read(linked({"@graph": graph})).authors == ("Ada Byrne",)


@pytest.mark.parametrize(
    "signature",
    [
        '<span class="post-detail__metaAuthor">Ada Byrne</span>',
        '<a href="/authors/ada-byrne">Ada Byrne</a>',
        '<div class="authorName_x1f">By <a href="/a">Ada Byrne</a></div>',
    ],
)
def test_an_author_is_found_where_only_the_design_of_the_page_marks_it(signature):
    assert read(body=f"<h1>Bridge closes</h1>{signature}<p>It rains.</p>").authors == ("Ada Byrne",)


def test_authors_of_other_stories_are_not_those_of_this_one():
    cards = "".join(
        f'<li><a href="/author/{name}">{name} Okafor</a></li>' for name in ("Tom", "Ngozi", "Emeka")
    )
    assert read(body=f"<h1>Bridge closes</h1><p>It rains.</p><ul>{cards}</ul>").authors == ()
    comment = '<div class="comments"><a class="comment-author" href="/u/1">Tom Okafor</a></div>'
    assert read(body=f"<h1>Bridge closes</h1><p>It rains.</p>{comment}").authors == ()
