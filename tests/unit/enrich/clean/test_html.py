"""Web pages and fragments of HTML."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrich.clean.html import clean_fragment, clean_page
from services.errors import ArticleRejected, Reason
from services.models import Block, BlockKind

FIRST = "The council of Lower Wexley voted on Tuesday to close the old bridge for eighteen months of repairs."
SECOND = "Residents said the detour would add half an hour to the way to school, and asked for a ferry."
THIRD = "“We have heard them,” the mayor told reporters, “and there will be a boat before the winter comes.”"
PAGE = f"""<!doctype html><html lang="en-GB"><head><title>Bridge to close | The Wexley Argus</title>
<meta property="og:site_name" content="The Wexley Argus"><link rel="canonical" href="https://argus.example/bridge">
<meta property="article:published_time" content="2024-03-03T09:30:00Z">
<script type="application/ld+json">{{"@context": "https://schema.org", "@type": "NewsArticle",
"headline": "Bridge to close",
"datePublished": "2024-03-03T09:30:00Z", "dateModified": "2024-03-03T11:00:00Z",
"articleSection": "Local",
"author": [{{"@type": "Person", "name": "Ada Byrne"}},
{{"@type": "Organization", "name": "Argus Newsroom"}}]}}</script></head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li></ul></nav>
<main><article><h1>Bridge to close</h1><div class="byline">By <a href="/ada">Ada Byrne</a></div>
<div class="article-body"><p>{FIRST}</p><p>{SECOND}</p>
<p><a href="/ferry">Read more: Ferry fares to rise</a></p>
<h2>A boat before winter</h2><p>{THIRD}</p><p>{FIRST[:-1]}, and the <b>county</b> agreed.</p>
<p>Sign up for our newsletter.</p></div></article></main>
<footer><p>Copyright © The Wexley Argus. All rights reserved.</p></footer></body></html>"""


def kept(blocks):
    return [block.text for block in blocks if block.kept]


def test_a_page_gives_its_article_and_labels_what_was_cut():
    page = clean_page(PAGE)
    assert kept(page.blocks) == [
        FIRST,
        SECOND,
        "A boat before winter",
        THIRD,
        f"{FIRST[:-1]}, and the county agreed.",
    ]
    assert Block(kind=BlockKind.HEADING, text="A boat before winter") in page.blocks
    cut = {block.text.split(":")[0]: block.kind for block in page.blocks if not block.kept}
    assert cut["Read more"] is BlockKind.RELATED
    assert cut["Sign up for our newsletter."] is BlockKind.CALL_TO_ACTION
    assert cut["Copyright © The Wexley Argus. All rights reserved."] is BlockKind.COPYRIGHT
    assert cut["Bridge to close"] is BlockKind.HEADLINE


def test_a_page_gives_what_it_says_about_itself():
    page = clean_page(PAGE)
    assert page.headline == "Bridge to close"
    assert page.authors == ("Ada Byrne",)
    assert page.published == datetime(2024, 3, 3, 9, 30, tzinfo=UTC)
    assert page.updated == datetime(2024, 3, 3, 11, tzinfo=UTC)
    assert page.source == "The Wexley Argus"
    assert page.url == "https://argus.example/bridge"
    assert page.language == "en-GB"
    assert [(subject.scheme, subject.name) for subject in page.subjects] == [("section", "Local")]


def test_a_page_that_states_no_date_gets_none():
    page = clean_page(
        f"<html><body><article><h1>Bridge</h1><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></article></body></html>"
    )
    assert page.published is None
    assert page.updated is None


def story(above="", below=""):
    text = "".join(f"<p>{sentence}</p>" for sentence in (FIRST, SECOND, THIRD))
    return clean_page(
        f"<html><body><article>{above}<h1>Bridge to close</h1>{below}{text}</article></body></html>"
    )


@pytest.mark.parametrize(
    "line",
    [
        "3 March 2024",
        "Sunday, 3 March 2024",
        "Published: 3 March 2024",
        "03.03.2024 | Local news",
        "Wexley, 3/3/2024",
    ],
)
def test_the_date_of_a_page_without_data_is_the_one_printed_above_or_below_its_headline(line):
    assert story(above=f"<div>{line}</div>").published == datetime(2024, 3, 3, tzinfo=UTC)
    assert story(below=f"<div>{line}</div>").published == datetime(2024, 3, 3, tzinfo=UTC)
    assert story(above=f"<div>{line}</div><div>Weather</div><div>Sport</div>").published is None


@pytest.mark.parametrize(
    "line",
    [
        "Deadline: 3 March 2024",
        "Release: 3 March 2024",
        "Effective 3 March 2024",
        "3 March 2024 - 5 March 2024",
    ],
)
def test_dates_of_something_else_are_not_that_of_publication(line):
    assert story(below=f"<div>{line}</div>").published is None
    assert story(below="<div>Deadline:</div><div>3 March 2024</div>").published is None


def test_a_signed_date_may_stand_below_the_first_paragraph():
    text = "".join(f"<p>{sentence}</p>" for sentence in (SECOND, THIRD, FIRST))

    def published(lines):
        return clean_page(
            f"<html><body><article><h1>Bridge to close</h1><p>{FIRST}</p>{lines}{text}"
        ).published

    signed = "<div>By Ada Byrne</div>"
    assert published(f"{signed}<div>3 March 2024</div>") == datetime(2024, 3, 3, tzinfo=UTC)
    assert published("<div>3 March 2024</div>") is None


@pytest.mark.parametrize(
    "line",
    [
        "By Ada Byrne, editor, updated 3 March 2024",
        "Updated: 3 March 2024",
        "Last updated:</div><div>3 March 2024",
    ],
)
def test_the_day_of_an_update_is_not_that_of_publication(line):
    page = story(below=f"<div>{line}</div>")
    assert page.published is None
    assert page.updated == datetime(2024, 3, 3, tzinfo=UTC)


def test_an_update_stamped_to_the_minute_is_a_story_of_that_day():
    page = story(below="<div>Updated 3 March 2024, 9:30</div>")
    assert page.published == page.updated == datetime(2024, 3, 3, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "1 March 2024, updated 3 March 2024",
        "Last updated 3 March 2024, originally created 1 March 2024",
        "1 March 2024Updated on: 3 March 2024",
    ],
)
def test_a_line_may_give_both_dates(line):
    page = story(below=f"<div>{line}</div>")
    assert page.published == datetime(2024, 3, 1, tzinfo=UTC)
    assert page.updated == datetime(2024, 3, 3, tzinfo=UTC)


def test_a_body_that_stands_only_in_linked_data_is_found():
    body = f"{FIRST} {SECOND} {THIRD}"
    page = clean_page(
        f'<html><head><script type="application/ld+json">{{"@type": "NewsArticle", "headline": '
        f'"Bridge to close", "articleBody": "{body}"}}'
        '</script></head><body><div id="root"></div></body></html>'
    )
    assert kept(page.blocks) == [body]


def live_blog(entries, *, printed):
    stated = json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "LiveBlogPosting",
            "headline": "Bridge closes: live",
            "liveBlogUpdate": [
                {"@type": "BlogPosting", "headline": head, "articleBody": text} for head, text in entries
            ],
        }
    )
    posts = "".join(f"<div><h3>{head}</h3><p>{text}</p></div>" for head, text in entries) if printed else ""
    return (
        f'<html><head><title>Bridge closes: live</title><script type="application/ld+json">{stated}</script>'
        f"</head><body><h1>Bridge closes: live</h1>{posts}"
        '<p><a href="/fares">Ferry fares to rise</a></p></body></html>'
    )


ENTRIES = [
    ("9.41am: Barriers go up", "Not a soul in sight."),
    ("9.58am", "Ten cars turn round at the mayor’s feet."),
]


def test_the_entries_of_a_live_blog_are_its_body_however_short():
    page = clean_page(
        live_blog([*ENTRIES, ("10.20am: The last bus", f"{FIRST} {SECOND} {THIRD}")], printed=True)
    )
    assert [text for entry in ENTRIES for text in entry] == kept(page.blocks)[:4]
    assert "Ferry fares to rise" not in kept(page.blocks)


def test_a_live_blog_that_a_script_prints_is_read_from_what_the_page_states():
    page = clean_page(
        live_blog([*ENTRIES, ("10.20am: The last bus", f"{FIRST} {SECOND} {THIRD}")], printed=False)
    )
    assert ENTRIES[1][1] in kept(page.blocks)


@pytest.mark.parametrize(
    ("notice", "kind"),
    [
        ("An dieser Stelle finden Sie einen von uns gewählten externen Inhalt.", BlockKind.CALL_TO_ACTION),
        ("We ask for your permission before anything is loaded, as it may trace.", BlockKind.CALL_TO_ACTION),
        ("Dies ist eine maschinelle Übersetzung, von der Redaktion geprüft.", BlockKind.DISCLAIMER),
        ("This article contains affiliate links: the Argus may be paid a share.", BlockKind.DISCLAIMER),
    ],
)
def test_a_notice_between_paragraphs_is_cut_and_named(notice, kind):
    page = clean_page(PAGE.replace(f"<p>{SECOND}</p>", f"<p>{notice}</p><p>{SECOND}</p>"))
    assert Block(kind=kind, text=notice, kept=False) in page.blocks
    assert kept(page.blocks)[:2] == [FIRST, SECOND]


def test_words_for_screen_readers_behind_a_link_are_no_text():
    page = clean_page(PAGE.replace("Residents said", "Residents<span>, opens new tab</span> said"))
    assert SECOND in kept(page.blocks)


def test_readers_comments_are_cut_and_named_however_much_like_the_article():
    talk = "".join(f"<p>{THIRD} {number} {SECOND}</p>" for number in range(6))
    page = clean_page(PAGE.replace("<footer>", f"<div><h2>6 Comments</h2>{talk}</div><footer>"))
    assert not any(text.startswith(f"{THIRD} ") for text in kept(page.blocks))
    assert kept(page.blocks)[:2] == [FIRST, SECOND]


def test_a_fragment_keeps_all_its_text_and_drops_machinery():
    blocks = clean_fragment(
        f"<p>{FIRST}</p><script>track()</script><ul><li>One "
        f"ferry</li></ul><blockquote><p>{THIRD}</p></blockquote>"
        '<img src="https://tracker.example/p.gif" width="1" height="1"><div class="feedflare"><a '
        'href="#">Share</a></div>'
    )
    assert [(block.kind, block.text) for block in blocks] == [
        (BlockKind.PARAGRAPH, FIRST),
        (BlockKind.LIST_ITEM, "One ferry"),
        (BlockKind.QUOTE, THIRD),
    ]


def test_two_line_breaks_make_a_new_paragraph_and_inline_tags_no_space():
    blocks = clean_fragment("<div>Co<b>py</b>desk<br><br>reads<br>files</div>")
    assert [block.text for block in blocks] == ["Copydesk", "reads files"]


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (
            "<title>404 Not Found</title><body><h1>Not Found</h1><p>The page is not here.</p></body>",
            Reason.NOT_NEWS,
        ),
        ("<html><body><p>Please enable JavaScript and cookies to continue</p></body></html>", Reason.WALL),
        ("<html><body><div><script>x()</script></div></body></html>", Reason.NO_TEXT),
        ("<html><body>" + "<div>" * 5000 + "deep", Reason.TOO_DEEP),
    ],
)
def test_what_is_no_article_is_rejected_by_reason(html, reason):
    with pytest.raises(ArticleRejected) as caught:
        clean_page(html)
    assert caught.value.reason is reason


TOKENS = (
    "<p>", "</p>", "<div class='article'>", "</div>", "<br>", "<a href='x'>", "</a>", "<li>",
    "<table><tr><td>", "<b>",
    "text and more. ", "\x00", "&lt;p&gt;", "<script>", "</script>", "<!--", "-->", "漢字。", "<h1>",
    "<span hidden>",
    "\ud800",
)  # fmt: skip
HTML = st.lists(st.sampled_from(TOKENS), max_size=30)


@settings(max_examples=200, deadline=None)
@given(HTML.map("".join) | st.text(max_size=200))
def test_any_html_is_cleaned_or_rejected(html):
    for block in clean_fragment(html):
        assert block.text == block.text.strip() != ""
    try:
        page = clean_page(html)
    except ArticleRejected:
        return
    assert any(block.kept for block in page.blocks)
