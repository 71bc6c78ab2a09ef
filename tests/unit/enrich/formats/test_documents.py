import gzip
import io
import zipfile
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from services.enrich.formats import parse
from services.enrich.formats import pdf as pdf_file
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, Block, BlockKind, Refusal, Status
from tests.unit.enrich.formats.reading import LEAD, SECOND, article, articles, raw, read


def packed(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_html", ".xhtml"), data)
    return out.getvalue()


def refusal(data: str | bytes) -> Reason:
    with pytest.raises(ArticleRejected) as rejected:
        read(data)
    return rejected.value.reason


# Word, OpenDocument, RTF


def docx(body: str, dtd: str = "") -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return packed(
        word__document_xml=f'{dtd}<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    )


def paragraph(text: str, style: str = "", run: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>'
    return f"<w:p>{properties}<w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def test_a_word_document_has_its_title_tables_and_lists_in_order() -> None:
    story = article(
        docx(
            paragraph("Lock to close", "Title")
            + paragraph(LEAD)
            + f"<w:tbl><w:tr><w:tc>{paragraph('a')}</w:tc><w:tc>{paragraph('1')}</w:tc></w:tr></w:tbl>"
            + paragraph("upper gate", "ListParagraph")
            + "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
            + "<w:ins><w:r><w:t>Added.</w:t></w:r></w:ins></w:p>"
        )
    )

    assert story.headline == "Lock to close"
    assert [(block.kind, block.text) for block in story.blocks if block.kept] == [
        (BlockKind.PARAGRAPH, LEAD),
        (BlockKind.TABLE, "a | 1"),
        (BlockKind.LIST_ITEM, "upper gate"),
        (BlockKind.PARAGRAPH, "Added."),
    ]


def test_a_first_line_in_bold_is_the_headline() -> None:
    assert (
        article(docx(paragraph("Lock to close", run="<w:b/>") + paragraph(LEAD))).headline == "Lock to close"
    )


def test_a_bomb_in_a_word_document_is_refused() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

    assert refusal(docx("<w:p>&l9;</w:p>", f'<!DOCTYPE x [<!ENTITY l0 "ha">{levels}]>')) is Reason.ENTITY_BOMB


def test_an_open_document_is_read() -> None:
    text = f"<text:h>Lock to close</text:h><text:p>{LEAD}</text:p><text:list><text:p>one</text:p></text:list>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", f'<d xmlns:text="t"><body><text:text>{text}</text:text></body></d>')

    assert article(out.getvalue()).headline == "Lock to close"


def test_rich_text_loses_its_styles_and_keeps_its_letters() -> None:
    story = article(
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Times;}}{\*\generator Any;}{\info{\title Lock to close}}"
        rb"\pard \b Z\'fcrich\b0  closes \u8222?the\u8220? lock.\par Caf\'e9 {\i owners}\~said.\par}"
    )

    assert story.headline == "Lock to close"
    assert story.body == "Zürich closes „the“ lock.\n\nCafé owners\u00a0said."


# PDF


def pdf(*lines: str, extra: str = "") -> bytes:
    text = " ".join(f"({line}) Tj 0 -14 Td" for line in lines)
    stream = f"BT /F1 12 Tf 20 700 Td {text} ET"
    return (
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 "
        "R]/Count 1>>endobj "
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        "/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
        f"4 0 obj<</Length {len(stream)}>>stream\n{stream}\nendstream endobj\n"
        f"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj {extra}\ntrailer<</Root 1 "
        f"0 R>>\n%%EOF\n"
    ).encode()


def test_a_pdf_without_its_table_of_contents_is_repaired_and_read() -> None:
    story = article(
        pdf(
            "Lock to close",
            "Officials in Harrowby said on Monday that the old lock will",
            "close until October.",
        )
    )

    assert story.headline == "Lock to close"
    assert story.body == "Officials in Harrowby said on Monday that the old lock will close until October."


def test_running_lines_and_page_numbers_of_a_pdf_are_no_text() -> None:
    pages = [[f"Harbour Sheet, page {n}", text, str(n)] for n, text in ((1, LEAD), (2, SECOND))]

    left = pdf_file._without_running_lines([[pdf_file._Line(text) for text in page] for page in pages])

    assert [line.text for page in left for line in page] == [LEAD, SECOND]


def test_a_change_of_type_ends_a_paragraph_of_a_pdf() -> None:
    lines = [pdf_file._Line(LEAD, 20.0), pdf_file._Line(SECOND, 11.0)]

    assert [block.text for block in pdf_file._paragraphs(lines)] == [LEAD, SECOND]


def test_a_pdf_without_text_asks_for_character_recognition() -> None:
    assert refusal(pdf("")) is Reason.NO_TEXT


def test_a_pdf_cut_short_is_truncated() -> None:
    assert refusal(pdf("Lock")[:200]) is Reason.TRUNCATED


# EPUB


def test_a_book_is_read_in_the_order_of_its_spine() -> None:
    book = packed(
        mimetype="application/epub+zip",
        **{"META-INF__container_xml": '<c><rootfiles><rootfile full-path="OPS/p.xml"/></rootfiles></c>'},
        OPS__p_xml=(
            '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Locks</dc:title>'
            "<dc:creator>Ana Example</dc:creator><dc:language>en</dc:language></metadata><manifest>"
            '<item id="b" href="b.xhtml"/><item id="a" href="a.xhtml"/></manifest>'
            '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
        ),
        OPS__a_html=f"<html><body><p>{LEAD}</p></body></html>",
        OPS__b_html=f"<html><body><p>{SECOND}</p></body></html>",
    )
    story = article(book)

    assert parse(raw(book)).format == "epub"
    assert (story.headline, story.byline, story.language) == ("Locks", "Ana Example", "en")
    assert story.body == f"{LEAD}\n\n{SECOND}"


# E-mail


def letter(text: str, **headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in {
        "From": "Ana Example <ana@test.example>",
        "Subject": "Lock to close",
        "Message-ID": "<1@test.example>",
        "Date": "Mon, 23 Sep 2024 10:15:00 +0000",
        **headers,
    }.items():
        message[name] = value
    message.set_content(text)
    return message


def test_a_letter_is_an_article() -> None:
    story = article(letter(f"{LEAD}\n\n{SECOND}\n\n-- \nAna Example\n+44 000\n").as_bytes())

    assert (story.uid, story.headline, story.byline) == ("1@test.example", "Lock to close", "Ana Example")
    assert story.published == datetime(2024, 9, 23, 10, 15, tzinfo=UTC)
    assert story.body == f"{LEAD}\n\n{SECOND}"


def test_of_alternatives_one_is_read() -> None:
    message = letter(LEAD)
    message.add_alternative(f"<p>{LEAD}</p>", subtype="html")

    assert article(message.as_bytes()).body == LEAD


def test_an_attached_release_is_the_article_when_the_letter_is_short() -> None:
    message = letter("Please find our release attached.")
    message.add_attachment(
        docx(paragraph("Lock works open", "Title") + paragraph(LEAD)),
        maintype="application",
        subtype="docx",
        filename="r.docx",
    )
    story = article(message.as_bytes())

    assert (story.headline, story.body) == ("Lock works open", LEAD)


def test_an_embargo_in_words_holds_the_story() -> None:
    dated = article(letter(f"EMBARGOED UNTIL 24 September 2024 06:00 GMT\n\n{LEAD}").as_bytes())
    vague = article(letter(f"EMBARGOED UNTIL the minister has spoken\n\n{LEAD}").as_bytes())

    assert (dated.status, dated.embargo) == (Status.USABLE, datetime(2024, 9, 24, 6, tzinfo=UTC))
    assert vague.status is Status.WITHHELD


def test_an_unknown_character_set_loses_nothing() -> None:
    data = (
        b"From: Press <p@test.example>\r\nSubject: =?x-unknown?Q?Br=FCcke?=\r\n"
        b"Content-Type: text/plain; charset=x-no\r\n\r\nDie Br\xfccke ist zu.\r\n"
    )
    story = article(data)

    assert (story.headline, story.body) == ("Brücke", "Die Brücke ist zu.")


def test_a_form_sent_as_json_is_read_as_fields() -> None:
    assert (
        article(letter('{"Headline": ["Lock to close"], "Body": ["It closes."]}').as_bytes()).body
        == "It closes."
    )


def test_parts_inside_parts_without_end_are_refused() -> None:
    parts = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(500))

    assert (
        refusal(f"From: a@test.example\r\nSubject: Deep\r\nMIME-Version: 1.0\r\n{parts}") is Reason.TOO_DEEP
    )


# Exports and tables


def test_of_a_wordpress_export_the_public_posts_are_read() -> None:
    item = (
        "<item><title>{0}</title><guid>https://test.example/?p={0}</guid><dc:creator>ana</dc:creator>"
        "<content:encoded><![CDATA[<!-- wp:paragraph -->\n"
        + LEAD
        + "\n\n[gallery ids='1']"
        + SECOND
        + "]]></content:encoded><wp:post_date_gmt>2024-09-23 10:15:00</wp:post_date_gmt>"
        "<wp:post_type>{1}</wp:post_type><wp:status>{2}</wp:status>{3}</item>"
    )
    export = (
        '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Test Wire</title>'
        "<wp:author><wp:author_login>ana</wp:author_login><wp:author_display_name>Ana "
        "Example</wp:author_display_name></wp:author>"
        + item.format(1, "post", "publish", "")
        + item.format(2, "post", "draft", "")
        + item.format(3, "attachment", "inherit", "")
        + item.format(4, "post", "publish", "<wp:post_password>x</wp:post_password>")
        + item.format(5, "post", "future", "")
        + "</channel></rss>"
    )
    first, later = articles(export)

    assert (first.uid, first.byline, first.source) == (
        "https://test.example/?p=1",
        "Ana Example",
        "Test Wire",
    )
    assert first.body == f"{LEAD}\n\n{SECOND}"
    assert first.published == datetime(2024, 9, 23, 10, 15, tzinfo=UTC)
    assert later.embargo == later.published


def test_a_wiki_page_is_read_without_its_markup() -> None:
    page = (
        "<page><title>{0}</title><ns>{1}</ns><id>7</id>{2}<revision><id>9</id><timestamp>"
        "2024-09-23T10:15:00Z</timestamp>"
        "<text>{{{{date|September 23, 2024}}}}\n[[File:a.jpg|thumb|The "
        "[[lock]]]]\n'''Officials''' in [[Harrowby (town)|Harrowby]] "
        "said so.&lt;ref&gt;x&lt;/ref&gt;\n== Gates ==\n* [https://test.example "
        "upper]\n[[Category:Locks]]</text></revision></page>"
    )
    export = (
        "<mediawiki xml:lang='en'>" + page.format("Lock", 0, "") + page.format("Talk", 1, "") + "</mediawiki>"
    )
    story = article(export)

    assert (story.uid, story.version, story.headline, story.keywords) == ("7", "9", "Lock", ("Locks",))
    assert story.body == "Officials in Harrowby said so.\n\nGates\n\nupper"
    with pytest.raises(FileIgnored):
        read(export.replace("<ns>0</ns>", "<ns>0</ns><redirect title='x'/>"))


def test_a_wiki_pages_other_languages_and_empty_sections_are_no_text() -> None:
    text = f"{LEAD}\n== Sources ==\n* {{{{source|title=Results}}}}\n[[de:Schleuse]]\n[[zh-min-nan:Lock]]\n"
    page = f"<page><title>Lock</title><revision><text>{text}</text></revision></page>"

    assert article(f"<mediawiki>{page}</mediawiki>").body == LEAD


def test_the_caption_of_a_wordpress_picture_is_no_paragraph() -> None:
    post = f'[caption id="a1" width="9"]<img src="a.jpg" /> The <b>old</b> lock[/caption]\n\n{LEAD}'
    story = article(
        '<rss xmlns:wp="http://wordpress.org/export/1.2/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item><title>Lock</title>'
        f"<content:encoded><![CDATA[{post}]]></content:encoded></item></channel></rss>"
    )

    assert story.body == LEAD
    assert Block(kind=BlockKind.CAPTION, text="The old lock", kept=False) in story.blocks


@pytest.mark.parametrize(
    "head",
    [
        "---\ntitle: Lock to close\ndate: 2024-09-23T10:15:00Z\nauthors: [Ana Example]\nversion: 3\n---\n",
        "+++\ntitle = 'Lock to close'\ndate = 2024-09-23T10:15:00Z\nauthors = ['Ana Example']\n+++\n",
        '{"title": "Lock to close", "date": "2024-09-23T10:15:00Z", "authors": ["Ana Example"]}\n',
    ],
)
def test_front_matter_is_read(head: str) -> None:
    story = article(f"{head}\n{LEAD} See [here]({{{{ '/x' | url }}}}).\n\n## Gates\n\n- upper\n")

    assert (story.headline, story.byline, story.version) == ("Lock to close", "Ana Example", None)
    assert story.published == datetime(2024, 9, 23, 10, 15, tzinfo=UTC)
    assert [block.kind for block in story.blocks] == [
        BlockKind.PARAGRAPH,
        BlockKind.HEADING,
        BlockKind.LIST_ITEM,
    ]


def test_front_matter_that_was_never_closed_does_not_lose_the_story() -> None:
    assert article(f"---\ntitle: Lock to close\n\n{LEAD}\n").body == LEAD


def test_front_matter_runs_nothing() -> None:
    story = article(f'---\ntitle: !!python/object/apply:os.system ["true"]\ndate: 2024-09-23\n---\n{LEAD}\n')

    assert "python" not in story.model_dump_json()


def test_a_draft_is_withheld() -> None:
    assert article(f"---\ntitle: T\ndraft: true\n---\n{LEAD}\n").status is Status.WITHHELD


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_table_is_one_article_a_row(separator: str) -> None:
    rows = [("id", "title", "text"), ("1", "Lock", f'"{LEAD}"'), ("2", "Gate", f'"{SECOND}"')]
    stories = articles("\r\n".join(separator.join(row) for row in rows) + "\r\n")

    assert [(story.uid, story.headline) for story in stories] == [("1", "Lock"), ("2", "Gate")]


def test_xml_of_no_standard_is_read_by_its_names() -> None:
    story = article(
        f"<release id='77'><title>Lock to close</title><publicationDate>23.09.2024 10:15</publicationDate>"
        f"<body>&lt;p&gt;{LEAD}&lt;/p&gt;</body><iptcCode>04015000</iptcCode><images><image><url>"
        f"https://test.example/a.png</url>"
        "</image></images></release>"
    )

    assert (story.uid, story.url, story.body) == ("77", None, LEAD)
    assert [subject.code for subject in story.subjects] == ["04015000"]


def test_xml_records_are_articles_and_unknown_shapes_are_refused() -> None:
    record = f"<story><head>T</head><title>Lock</title><text>{LEAD}</text></story>"

    assert len(articles(f"<stories>{record}{record.replace('Lock', 'Gate')}</stories>")) == 2
    assert refusal("<?xml version='1.0'?><inventory><lamp>3</lamp></inventory>") is Reason.SCHEMA


# Web archives


def warc(*pages: tuple[str, str, str]) -> bytes:
    out = b""
    for address, status, html in pages:
        http = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}".encode()
        out += (
            (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {address}\r\nWARC-Date: "
                f"2024-09-23T10:15:00Z\r\n"
                "WARC-Record-ID: <urn:uuid:0>\r\nContent-Type: application/http; msgtype=response\r\n"
                f"Content-Length: {len(http)}\r\n\r\n"
            ).encode()
            + http
            + b"\r\n\r\n"
        )
    return out


PAGE = (
    "<html><head><title>Lock to close</title><meta property='article:published_time' "
    "content='2024-09-20T08:00:00Z'></head>"
    f"<body><article><h1>Lock to close</h1><p>{LEAD}</p><p>{SECOND}</p><p>{LEAD}</p></article></body></html>"
)


def test_pages_fetched_with_success_are_read_and_the_crawls_date_is_not_theirs() -> None:
    story = article(
        warc(("https://test.example/a", "200 OK", PAGE), ("https://test.example/b", "404 Not Found", PAGE))
    )

    assert (story.uid, story.headline) == ("https://test.example/a", "Lock to close")
    assert story.published == datetime(2024, 9, 20, 8, tzinfo=UTC)


def test_a_placeholder_in_a_crawl_is_no_article() -> None:
    items = read(
        warc(
            ("https://test.example/a", "200 OK", PAGE),
            (
                "https://test.example/",
                "200 OK",
                "<html><body><h1>Example</h1><p>This domain is for use in examples.</p></body></html>",
            ),
        )
    )

    assert [type(item) for item in items] == [Article, Refusal]


def test_a_length_that_cannot_be_is_truncation() -> None:
    data = warc(("https://test.example/a", "200 OK", PAGE))

    assert refusal(data.replace(b"Content-Length: ", b"Content-Length: 99999999999", 1)) is Reason.TRUNCATED


def test_an_archive_without_pages_is_ignored() -> None:
    with pytest.raises(FileIgnored):
        read(b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_the_older_arc_files_are_read_too(pack: Any) -> None:
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{PAGE}".encode()
    version = b"1 0 Test\nURL IP-address Archive-date Content-type Archive-length\n"
    data = b"filedesc://a.arc 0.0.0.0 20240923101500 text/plain %d\n%s\n" % (len(version), version)
    data += b"https://test.example/a b 10.0.0.1 20240923101500 text/html %d\n%s\n" % (len(http), http)
    story = article(pack(data))

    assert (story.headline, story.published) == ("Lock to close", datetime(2024, 9, 20, 8, tzinfo=UTC))


def test_hidden_and_deleted_text_of_rich_text_is_left_out() -> None:
    story = article(
        "{\\rtf1\\ansi Lock to close\\par {\\v secret}"
        + LEAD
        + "\\par\\v cut if short\\v0  "
        + "{\\deleted gone}"
        + SECOND
        + "\\par}"
    )

    assert story.body == f"{LEAD}\n\n{SECOND}"


def test_remarks_in_the_margin_of_an_open_document_are_left_out_and_its_blanks_are_blanks() -> None:
    content = (
        "<document-content xmlns:text='t'><body><text><text:h>Lock to close</text:h>"
        "<text:p>Officials<text:s/>said<text:tab/>so<text:line-break/>on Monday.<annotation>"
        "<text:p>Ask again</text:p></annotation>"
        "</text:p></text></body></document-content>"
    )

    assert (
        article(packed(mimetype="application/vnd.oasis.opendocument.text", content_xml=content)).body
        == "Officials said so on Monday."
    )


ABOVE = "<p>LOCK to close</p><p>By Ana Test</p><p>"


@pytest.mark.parametrize(
    "data",
    [
        f"<release><title>Lock to close</title><body><![CDATA[{ABOVE}{LEAD}</p>]]></body></release>",
        f'{{"title": "Lock to close", "body_html": "{ABOVE}{LEAD}</p>"}}',
    ],
)
def test_headline_and_byline_that_stand_again_above_the_text_are_no_text(data: str) -> None:
    story = article(data)

    assert (story.headline, story.authors, story.body) == ("Lock to close", ("Ana Test",), LEAD)
    assert [block.kind for block in story.blocks] == [
        BlockKind.HEADLINE,
        BlockKind.BYLINE,
        BlockKind.PARAGRAPH,
    ]


def test_one_record_in_an_envelope_is_read_with_its_own_number_and_source() -> None:
    story = article(
        f"<export id='x'><article id='7'><title>Lock</title><source><Name>The Argus</Name></source>"
        f"<body>{LEAD}</body></article></export>"
    )

    assert (story.uid, story.source) == ("7", "The Argus")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_header_written_without_encoding_is_read_in_the_letters_encoding(encoding: str) -> None:
    letter = (
        f'From: "Zoë Müller" <z@test.example>\nSubject: Schleuse für Boote zu\nMIME-Version: 1.0\n\n{LEAD}\n'
    )
    story = article(letter.encode(encoding))

    assert (story.headline, story.byline) == ("Schleuse für Boote zu", "Zoë Müller")
