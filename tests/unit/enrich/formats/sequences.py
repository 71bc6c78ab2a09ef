"""Invented feeds, exports and wrappers, dirty in the ways that matter to whoever cuts them up."""

import json

TEXT = 'The harbour bridge "{0}" in Newhaven, [old] {{and}} narrow, will close until October, the mayor said.'
LONG = f"<p>{TEXT}</p>" * 3


def rss(count=12):
    """With ids that several items have, markup that only looks like items, and last words of the feed."""
    items = []
    for n in range(count):
        guid = "urn:example:same" if n % 4 == 1 else f"urn:example:{n}"
        again = guid.replace(":", "&#58;") if n == 5 else f"<![CDATA[{guid}]]>" if n == 9 else guid
        items.append(
            f"<item rdf:n='a > b'><title>Bridge {n} closes</title><guid isPermaLink='false'> {again}\n</guid>"
            f"<link>https://example.com/{n}</link><dc:creator>Ana Example</dc:creator><source><id>urn:s</id>"
            f"</source><description><![CDATA[{LONG.format(n)}<item>]] > no item</item>]]></description>"
            "</item>"
        )
    items[2:2] = ["<!-- <item><title>a comment</title></item> -->", "<?note <item> ?>", "<item/>"]
    return (
        '\ufeff <?xml version="1.0"?>\n<!-- <item> --><!DOCTYPE rss [<!ENTITY bay "<b>Bay</b>"> ]>'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:rdf="urn:r"><channel>'
        "<title>Tide &bay; &amp; Times</title>" + "\n".join(items) + "<language>en</language>"
        "<copyright>Tide</copyright></channel></rss>\n"
    ).encode()


def atom(count=12):
    entries = [
        f"<a:entry><a:id>tag:example.com:{n // 2}</a:id><a:title>Bridge {n} closes</a:title>"
        f"<a:link href='https://example.com/{n}'/><a:updated>2026-02-0{n % 8 + 1}T10:00:00Z</a:updated>"
        f"<a:content type='html'>{LONG.format(n).replace('<', '&lt;')}</a:content></a:entry>"
        for n in range(count)
    ]
    head = '<a:feed xmlns:a="http://www.w3.org/2005/Atom" xml:lang="en"><a:title>Tide</a:title>'
    tail = "<a:author><a:name>Bo Test</a:name></a:author></a:feed>"
    return (head + "\n".join(entries) + tail).encode()


def rdf(count=12):
    items = [
        f'<item rdf:about="https://example.com/{n}"><title>Bridge {n} closes</title>'
        f"<link>https://example.com/{n}</link><description>{TEXT.format(n)}</description></item>"
        for n in range(count)
    ]
    return (
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        "<channel rdf:about='https://example.com/'><title>Tide</title><items><rdf:Seq><rdf:li/></rdf:Seq>"
        "</items></channel>" + "".join(items) + "</rdf:RDF>"
    ).encode()


def wxr(count=12):
    items = [
        f"<item><title>Bridge {n} closes</title><link>https://example.com/{n}</link>"
        f'<guid isPermaLink="false">https://example.com/?p={n}</guid><dc:creator>ana</dc:creator>'
        f"<content:encoded><![CDATA[{LONG.format(n)}\n\n[gallery] </item>]]></content:encoded>"
        f"<wp:post_type>{'attachment' if n % 5 == 4 else 'post'}</wp:post_type>"
        "<wp:status>publish</wp:status></item>"
        for n in range(count)
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        "<channel><title>Tide</title><language>en-GB</language><wp:author><wp:author_login>ana</wp:author_login>"
        "<wp:author_display_name>Ana Example</wp:author_display_name></wp:author>"
        + "<wp:tag><wp:tag_slug>port</wp:tag_slug></wp:tag>" * 400
        + "\n".join(items)
        + "</channel></rss>"
    ).encode()


def mediawiki(count=12):
    pages = [
        f"<page><title>Bridge {n}</title><ns>{int(n % 5 == 4)}</ns><id>{n + 7}</id>"
        f"<revision><id>{n + 90}</id><timestamp>2026-02-01T10:00:00Z</timestamp>"
        f"<text>{TEXT.format(n)} &lt;page&gt;</text></revision></page>"
        for n in range(count)
    ]
    return (
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="en"><siteinfo><sitename>Tide'
        "</sitename><base>https://example.com/wiki/Main_Page</base></siteinfo>"
        + "\n".join(pages)
        + "</mediawiki>"
    ).encode()


def sgml(count=12):
    """Documents one after another, with no root around them; paragraphs are not closed, as SGML allows."""
    documents = [
        f'<DOC ID="{n}">\n<HEADLINE>Bridge {n} closes</HEADLINE>\n<!-- </DOC> -->\n<TEXT>\n<P>\n'
        f"{TEXT.format(n)}\n<P>\nFerries & buses run instead.\n</TEXT>\n</DOC>\n"
        for n in range(count)
    ]
    return ('<!DOCTYPE stories SYSTEM "stories.dtd">\n' + "".join(documents)).encode()


def story(number):
    return {"title": f"Bridge {number} closes", "text": TEXT.format(number) + "\n\nFerries run — instead."}


def wrapped(count=12):
    """With an entry that is none, and a wrapper that says something itself before and behind."""
    entries = [*map(story, range(count)), {"title": "no text"}, "a word", [story(50), story(51)]]
    return json.dumps({"total": 3, "tags": ["a", "b"], "items": entries, "next": {"page": [2]}}).encode()


def hits(count=12):
    entries = [{"_id": str(n), "_source": story(n)} for n in range(count)]
    return json.dumps({"took": 3, "hits": {"total": {"value": 9}, "hits": entries}}, indent=1).encode()


def jsonfeed(count=12):
    """Its keys in the order of the alphabet: what it is, and who wrote it, stands behind its items."""
    entries = [
        {"id": str(n), "title": f"Bridge {n} closes", "content_html": LONG.format(n)} for n in range(count)
    ]
    return json.dumps(
        {
            "authors": [{"name": "Ana Example"}],
            "items": entries,
            "language": "en",
            "title": "Tide",
            "version": "https://jsonfeed.org/version/1.1",
        }
    ).encode()


SEQUENCES = {
    "rss": rss, "atom": atom, "rdf": rdf, "wxr": wxr, "mediawiki": mediawiki, "sgml": sgml,
    "wrapped": wrapped, "hits": hits, "jsonfeed": jsonfeed,
}  # fmt: skip
