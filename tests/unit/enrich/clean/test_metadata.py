"""What a page says about itself, where its statements do not agree or say little."""

import json
from datetime import UTC, datetime

import pytest

from services.enrich.clean import dom, metadata


def read(head="", body=""):
    return metadata.read(dom.parse(f"<html><head>{head}</head><body>{body}</body></html>"))


def linked(data):
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def story(**fields):
    return linked({"@type": "NewsArticle", "headline": "Bridge", **fields})


def test_the_printed_headline_beats_one_that_was_written_for_search_engines():
    seo = "Why the harbour bridge is closed until October"
    head = f"<title>{seo}</title>" + "".join(
        f'<meta property="{name}" content="{seo}">' for name in ("og:title", "twitter:title")
    )
    assert read(head, "<h1>Harbour bridge closed until October</h1>").headline == (
        "Harbour bridge closed until October"
    )


@pytest.mark.parametrize(
    "printed",
    [
        '<span class="article__kicker">Weather</span> <span>Bridge closes early</span>',
        '<span class="overline">Weather</span><span class="sr-only"> - </span>Bridge closes early',
        "Bridge closes early<br><small>2 February 2022 • Weather</small>",
        '<span class="topic">Weather</span><br><span itemprop="headline">Bridge closes early</span>',
    ],
)
def test_what_is_printed_around_the_headline_in_the_same_element_is_no_part_of_it(printed):
    assert read(body=f"<h1>{printed}</h1>").headline == "Bridge closes early"


def test_a_kicker_with_a_colon_is_part_of_the_printed_headline():
    printed = '<h1><span class="kicker">Weather</span><span>: Bridge closes early</span></h1>'
    assert read(body=printed).headline == "Weather: Bridge closes early"


@pytest.mark.parametrize(
    "printed",
    [
        '<p class="kicker">After the storm</p><h1>Bridge closes early</h1>',
        '<h1><span class="article__kicker">After the storm - </span> <span>Bridge closes early</span></h1>',
    ],
)
def test_the_kicker_is_what_the_page_marks_so_above_its_headline(printed):
    assert read(body=printed).kicker == "After the storm"


@pytest.mark.parametrize(
    "printed",
    [
        "<h1>Bridge closes early</h1>",
        "<p>After the storm</p><h1>Bridge closes early</h1>",
        '<h1>Bridge closes early</h1><p class="kicker">After the storm</p>',
        '<h1><span class="kicker">After the storm:</span> Bridge closes early</h1>',
        '<p class="kicker"><b>Weather</b><i>2 February 2022</i></p><h1>Bridge closes early</h1>',
        '<p class="kicker">After the storm</p><h1>Other stories</h1><h1>Bridge closes early</h1>',
    ],
)
def test_without_such_a_mark_there_is_no_kicker(printed):
    assert read('<meta property="og:title" content="Bridge closes early">', printed).kicker is None


@pytest.mark.parametrize("address", ["/", "https://argus.example", "https://argus.example/"])
def test_a_printed_title_that_leads_to_the_front_page_is_the_name_of_the_site(address):
    logo = f'<h1><a href="{address}">Notes from the Quay</a></h1>'
    assert read("<title>Bridge closes early</title>", logo).headline == "Bridge closes early"


def test_an_author_that_is_only_referred_to_is_looked_up():
    graph = [
        {"@type": "NewsArticle", "headline": "Bridge", "author": {"@id": "#ada"}},
        {"@type": "Person", "@id": "#ada", "name": "Ada Byrne"},
    ]
    assert read(linked({"@graph": graph}), "<p>By Ada Byrne</p>").authors == ("Ada Byrne",)


def test_an_author_whom_only_machines_are_told_of_is_as_often_the_account_that_uploaded_the_story():
    head = story(author={"@type": "Person", "name": "Ada Byrne"})
    assert read(head, "<h1>Bridge</h1><p>It rains.</p>").authors == ()
    assert read(head, "<h1>Bridge</h1><p>By ADA BYRNE</p>").authors == ("Ada Byrne",)


@pytest.mark.parametrize(
    "card",
    [
        '<meta name="twitter:label1" content="Verfasst von"><meta name="twitter:data1" content="Ada Byrne">',
        '<meta name="twitter:misc:Written by" content="Ada Byrne">',
    ],
)
def test_the_author_on_the_card_of_a_page_counts_where_the_page_prints_it(card):
    head = f'<meta name="author" content="a.byrne@argus.example">{card}'
    assert read(head, "<h1>Bridge</h1><p>Ada Byrne</p><p>It rains.</p>").authors == ("Ada Byrne",)
    assert read(head, "<h1>Bridge</h1><p>It rains.</p>").authors == ()


def test_how_long_a_page_takes_to_read_is_no_author():
    card = '<meta name="twitter:label1" content="Read in"><meta name="twitter:data1" content="Ada Byrne">'
    assert read(card, "<h1>Bridge</h1><p>Ada Byrne</p><p>It rains.</p>").authors == ()


@pytest.mark.parametrize(
    "mention",
    [
        "<footer>© 2024 Ada Byrne</footer>",
        "<p>Copyright by Ada Byrne, all rights reserved</p>",
        '<div style="display: none"><span class="author-name">Ada Byrne</span></div>',
        '<figure><figcaption class="byline">Ada Byrne</figcaption></figure>',
    ],
)
def test_owners_photographers_and_hidden_names_are_no_authors(mention):
    head = '<meta name="author" content="Ada Byrne">'
    assert read(head, f"<h1>Bridge closes</h1><p>It rains.</p>{mention}").authors == ()


@pytest.mark.parametrize("kind", ["Organization", "NewsMediaOrganization"])
def test_an_organisation_stated_as_author_is_the_author_where_no_person_signs(kind):
    head = story(author={"@type": kind, "name": "Argus Desk"})
    assert read(head, "<h1>Bridge</h1><p>It rains.</p>").authors == ("Argus Desk",)
    signed = '<h1>Bridge</h1><p class="byline">By Ada Byrne</p><p>It rains.</p>'
    assert read(head, signed).authors == ("Ada Byrne",)


def test_a_publisher_is_no_author():
    head = story(publisher={"@type": "Organization", "name": "Argus"})
    assert read(head, "<h1>Bridge</h1><p>The Argus reports.</p>").authors == ()


@pytest.mark.parametrize("account", ["admin", "wpadmin", "Super User", "undefined", "editor@argus.example"])
def test_accounts_are_no_authors(account):
    head = story(author={"@type": "Person", "name": account})
    assert read(head, f"<h1>Bridge</h1><p class='byline'>By {account}</p><p>It rains.</p>").authors == ()


def test_a_pen_name_counts_where_a_byline_prints_it():
    head = '<meta name="author" content="harbourcat">'
    assert read(head, '<p class="byline">By harbourcat</p>').authors == ("harbourcat",)
    assert read(head, "<p>It rains.</p>").authors == ()


def test_a_site_that_calls_itself_like_a_person_is_an_organisation():
    name = 'content="Die Möwenpost">'
    head = f'<meta property="og:site_name" {name}<meta name="author" {name}'
    assert read(head, "<h1>Bridge</h1><p>Die Möwenpost meldet Regen.</p>").authors == ()


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


@pytest.mark.parametrize("label", ["<b>Contact:</b>", "Kontakt: ", "Ansprechpartnerin: "])
def test_whom_to_write_to_is_no_author(label):
    person = f'<p>{label}<a href="/authors/ada-byrne">Ada Byrne</a></p>'
    assert read(body=f"<h1>Bridge closes</h1>{person}<p>It rains.</p>").authors == ()


def test_authors_of_other_stories_are_not_those_of_this_one():
    cards = "".join(
        f'<li><a href="/author/{name}">{name} Okafor</a></li>' for name in ("Tom", "Ngozi", "Emeka")
    )
    assert read(body=f"<h1>Bridge closes</h1><p>It rains.</p><ul>{cards}</ul>").authors == ()
    comment = '<div class="comments"><a class="comment-author" href="/u/1">Tom Okafor</a></div>'
    assert read(body=f"<h1>Bridge closes</h1><p>It rains.</p>{comment}").authors == ()


@pytest.mark.parametrize(
    "name",
    ["article:published_time", "article:published:time", "og:article.published_time", "DC.date.issued"],
)
def test_the_date_of_publication_is_known_by_any_spelling_of_its_name(name):
    head = f'<meta property="{name}" content="2024-03-03T09:30:00Z">'
    assert read(head).published == datetime(2024, 3, 3, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "elsewhere",
    [
        '<meta name="date" content="2024-03-04T00:30:00+02:00">',
        '<meta name="date" content="Mon, 04 Mar 2024 00:30:00 +0200">',
        '<time datetime="2024-03-04T00:30:00+02:00">4 March</time>',
    ],
)
def test_a_moment_is_given_in_the_zone_of_the_site_where_it_states_that(elsewhere):
    head = story(datePublished="2024-03-03T22:30:00Z")
    assert read(head).published.isoformat() == "2024-03-03T22:30:00+00:00"
    assert read(head, elsewhere).published.isoformat() == "2024-03-04T00:30:00+02:00"


def test_the_date_of_a_page_is_that_of_its_article_where_readers_are_shown_it():
    head = linked({"@type": "WebPage", "datePublished": "2024-03-03T09:30:00Z"})
    assert read(head, "<h1>About us</h1><p>Founded on 3 May 1907.</p>").published is None
    shown = "<h1>Bridge closes</h1><p>3 March 2024</p>"
    assert read(head, shown).published == datetime(2024, 3, 3, 9, 30, tzinfo=UTC)
