"""Documents of one standard inside another, and bodies that were escaped or encoded on their way."""

import base64

import pytest

from services.models import Article, Status
from tests.unit.enrich.formats.reading import LEAD, SECOND, article, articles

HTML = f"<p>{LEAD}</p><p>{SECOND}</p>"
BODY = f"{LEAD}\n\n{SECOND}"
ESCAPED = HTML.replace("<", "&lt;")
ENCODED = base64.b64encode(HTML.encode()).decode()
NITF = (
    '<nitf><head><docdata><doc-id id-string="lock.1"/></docdata></head><body><body.head><hedline>'
    "<hl1>Lock to close</hl1></hedline><byline>By Ana Example</byline><dateline><location>HARROWBY"
    f"</location></dateline></body.head><body.content><block>{HTML}</block></body.content></body></nitf>"
)


def news_item(content: str, status: str = "usable", embargo: str = "") -> str:
    return (
        '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:test:1" version="2"><itemMeta>'
        f'<itemClass qcode="ninat:text"/><pubStatus qcode="stat:{status}"/>{embargo}</itemMeta>'
        f"<contentMeta><headline>Lock to close</headline></contentMeta>"
        f"<contentSet>{content}</contentSet></newsItem>"
    )


def newsml(content: str) -> str:
    return (
        "<NewsML><NewsItem><Identification><NewsIdentifier><NewsItemId>LK1</NewsItemId></NewsIdentifier>"
        '</Identification><NewsManagement><Status FormalName="Usable"/></NewsManagement><NewsComponent>'
        "<NewsLines><HeadLine>Lock to close</HeadLine></NewsLines>"
        f"<ContentItem>{content}</ContentItem></NewsComponent></NewsItem></NewsML>"
    )


@pytest.mark.parametrize("body", [ESCAPED, f"<block><![CDATA[{HTML}]]></block>", f"<p>{ESCAPED}</p>"])
def test_html_that_was_escaped_into_nitf_is_read_as_html(body: str) -> None:
    document = f"<nitf><body><body.content>{body}</body.content></body></nitf>"

    assert article(document).body == BODY


@pytest.mark.parametrize(
    "content",
    [
        f'<inlineXML contenttype="text/html"><![CDATA[<html><body>{HTML}</body></html>]]></inlineXML>',
        f'<inlineData contenttype="text/html">{ESCAPED}</inlineData>',
        (
            '<inlineData contenttype="text/html" encoding="http://cv.iptc.org/newscodes/encd/base64">'
            f"{ENCODED}</inlineData>"
        ),
    ],
)
def test_escaped_and_encoded_bodies_of_g2_are_undone(content: str) -> None:
    assert article(news_item(content)).body == BODY


@pytest.mark.parametrize(
    "content",
    [
        f'<Encoding Notation="Base64"><DataContent>{ENCODED}</DataContent></Encoding>',
        f"<DataContent><p>{ESCAPED}</p></DataContent>",
        f"<DataContent><![CDATA[{HTML.upper().replace(LEAD.upper(), LEAD)}]]></DataContent>",
    ],
)
def test_escaped_and_encoded_bodies_of_newsml_are_undone(content: str) -> None:
    assert article(newsml(content)).body.startswith(f"{LEAD}\n\n")


def test_an_embed_code_among_paragraphs_does_not_make_the_body_escaped() -> None:
    embed = "&lt;div&gt;&lt;p&gt;A post&lt;/p&gt;&lt;/div&gt;"
    document = f"<nitf><body><body.content><p>{LEAD}</p><p>{embed}</p></body.content></body></nitf>"

    assert article(document).body == LEAD


@pytest.mark.parametrize("inner", [NITF, news_item(f"<inlineXML>{HTML}</inlineXML>"), newsml("")])
def test_a_document_in_a_services_envelope_is_read_by_its_own_standard(inner: str) -> None:
    if "<NewsML>" in inner:
        inner = newsml(f"<DataContent>{HTML}</DataContent>")
    envelope = (
        f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{inner}</s:Body></s:Envelope>'
    )
    story = article(envelope)

    assert story.uid in {"lock.1", "urn:test:1", "LK1"}
    assert (story.headline, story.body) == ("Lock to close", BODY)


def test_several_documents_in_one_envelope_are_several_articles() -> None:
    both = articles(f"<batch>{NITF}{NITF.replace('lock.1', 'lock.2')}</batch>")

    assert [story.uid for story in both] == ["lock.1", "lock.2"]


def atom(content: str) -> Article:
    return article(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Test Wire</title><entry><id>e1</id>'
        f'<title>Lock to close</title><content type="text/xml">{content}</content></entry></feed>'
    )


def test_a_feed_that_wraps_nitf_keeps_its_byline_and_dateline_out_of_the_text() -> None:
    story = atom(NITF)

    assert (story.byline, story.body) == ("By Ana Example", BODY)
    assert story.dateline is not None
    assert story.dateline.text == "HARROWBY"


def test_a_feed_that_wraps_g2_passes_on_a_kill() -> None:
    assert atom(news_item("", status="canceled")).status is Status.CANCELED


def test_an_embargo_in_words_withholds_a_g2_item_and_an_empty_one_does_not() -> None:
    body = f"<inlineXML>{HTML}</inlineXML>"

    held = article(news_item(body, embargo="<embargoed>Next Monday</embargoed>"))
    assert held.status is Status.WITHHELD
    assert article(news_item(body, embargo="<embargoed/>")).status is Status.USABLE


def test_subjects_and_keywords_of_nitf_are_read_in_every_spelling() -> None:
    story = article(
        '<nitf><head><tobject><tobject.subject tobject.subject.refnum="medtop:20000892"/></tobject>'
        '<meta name="category_iptc" content="04000000,15000000"/>'
        "<docdata><key-list><keyword>lock, harbour</keyword></key-list></docdata></head>"
        f"<body><body.content>{HTML}</body.content></body></nitf>"
    )

    assert [subject.code for subject in story.subjects] == ["20000892", "04000000", "15000000"]
    assert story.keywords == ("lock", "harbour")
