import pytest

from services.enrich.formats import parse
from services.errors import FileIgnored
from tests.unit.enrich.formats.reading import LEAD, SECOND, article, articles, raw, read


def rss(*items: str, channel: str = "<language>en</language>") -> str:
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>Test Wire</title>{channel}{''.join(items)}</channel></rss>"
    )


def test_an_item_is_an_article() -> None:
    story = article(
        rss(
            "<item><title>Lock &amp;amp; gate</title><media:title>Picture</media:title><link>"
            "https://test.example/1</link>"
            "<guid isPermaLink='false'>g1</guid><pubDate>Mon, 23 Sep 2024 10:15:00 GMT</pubDate>"
            "<dc:creator>Ana Example</dc:creator>"
            f"<description>Teaser</description><content:encoded><![CDATA[<p>{LEAD}</p><p>"
            f"{SECOND}</p>]]></content:encoded>"
            "<category>Transport</category></item>"
        )
    )

    assert (story.uid, story.url, story.headline) == ("g1", "https://test.example/1", "Lock & gate")
    assert (story.byline, story.source, story.language) == ("Ana Example", "Test Wire", "en")
    assert (story.standfirst, story.keywords) == ("Teaser", ("Transport",))
    assert story.body == f"{LEAD}\n\n{SECOND}"


def test_atom_is_read() -> None:
    story = article(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Test Wire</title>'
        "<author><name>Desk</name></author>"
        '<entry><id>tag:1</id><title type="html">&lt;b&gt;Lock&lt;/b&gt; to close</title><link '
        'href="https://test.example/1"/>'
        "<published>2024-09-23T10:15:00Z</published><updated>2024-09-23T11:00:00Z</updated>"
        f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{LEAD}</p></div>'
        f"</content></entry></feed>"
    )

    assert (story.uid, story.headline, story.byline, story.language) == (
        "tag:1",
        "Lock to close",
        "Desk",
        "de",
    )
    assert story.published is not None
    assert story.updated is not None
    assert story.body == LEAD


def test_rdf_keeps_its_items_beside_the_channel() -> None:
    story = article(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        '<channel><title>Test Wire</title></channel><item rdf:about="https://test.example/1">'
        "<title>Lock</title>"
        f"<description>{LEAD}</description></item></rdf:RDF>"
    )

    assert (story.uid, story.source, story.body) == ("https://test.example/1", "Test Wire", LEAD)


def test_items_that_share_one_id_are_told_apart_by_their_address() -> None:
    item = "<item><guid>same</guid><link>https://test.example/{}</link><title>T{}</title></item>"

    assert len({story.uid for story in articles(rss(item.format(1, 1), item.format(2, 2)))}) == 2


def test_a_bare_headline_is_its_own_text() -> None:
    assert (
        article(rss("<item><title>Lock to close on Monday</title></item>")).body == "Lock to close on Monday"
    )


@pytest.mark.parametrize(
    "damage",
    [
        "<link>https://test.example/?a=1&b=2</link>",
        "<itunes:author>Bo</itunes:author>",
        "<x>&nbsp;&bull;</x>",
        "<b>open",
    ],
)
def test_an_ill_formed_feed_keeps_its_items(damage: str) -> None:
    feed = rss(f"<item><title>One</title>{damage}</item>", "<item><title>Two</title></item>")

    assert [story.headline for story in articles(feed)][:2] == ["One", "Two"]


def test_a_feed_cut_off_in_its_last_item_keeps_the_others() -> None:
    feed = rss(
        "<item><title>One</title></item>", f"<item><title>Two</title><description>{LEAD}</description></item>"
    )

    assert articles(feed[:-60])[0].headline == "One"


def test_a_feed_without_items_is_ignored() -> None:
    with pytest.raises(FileIgnored):
        read(rss())


def test_the_kinds_are_told_apart() -> None:
    assert parse(raw(rss("<item><title>One</title></item>"))).format == "rss"
