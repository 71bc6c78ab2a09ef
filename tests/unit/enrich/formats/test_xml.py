import pytest

from services.enrich.formats.xml import read_xml, text_of
from services.errors import ArticleRejected, Reason
from tests.unit.enrich.formats.reading import LEAD, SECOND, article, articles, read


def text(document: str) -> str | None:
    return text_of(read_xml(document.encode()).root)


def refusal(document: str) -> Reason:
    with pytest.raises(ArticleRejected) as rejected:
        read_xml(document.encode())
    return rejected.value.reason


def test_a_small_internal_entity_is_expanded() -> None:
    assert text('<!DOCTYPE a [<!ENTITY wire "Test &amp; Wire">]><a>&wire;</a>') == "Test & Wire"


def test_entities_in_entities_are_expanded() -> None:
    assert text('<!DOCTYPE a [<!ENTITY b "B"><!ENTITY c "&b;C">]><a>&c;</a>') == "BC"


def test_an_entity_bomb_is_refused_before_it_goes_off() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

    assert refusal(f'<!DOCTYPE a [<!ENTITY l0 "ha">{levels}]><a>&l9;</a>') is Reason.ENTITY_BOMB


def test_a_long_entity_used_often_is_refused() -> None:
    assert refusal(f'<!DOCTYPE a [<!ENTITY q "{"A" * 50_000}">]><a>{"&q;" * 1000}</a>') is Reason.ENTITY_BOMB


def test_an_entity_of_another_file_is_refused_only_when_it_is_used() -> None:
    declared = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'

    assert text(declared + "<a>sound</a>") == "sound"
    assert refusal(declared + "<a>&x;</a>") is Reason.EXTERNAL_ENTITY


def test_an_external_dtd_is_neither_fetched_nor_missed() -> None:
    assert text('<!DOCTYPE nitf SYSTEM "http://127.0.0.1:9/nitf.dtd"><nitf>sound</nitf>') == "sound"
    imported = '<!DOCTYPE a [<!ENTITY % names SYSTEM "http://127.0.0.1:9/n.dtd"> %names; ]><a>sound</a>'
    assert text(imported) == "sound"


def test_names_of_html_need_no_dtd() -> None:
    assert text("<a>Caf&eacute; &ndash; bakers &amp; &nosuch; AT&T</a>") == "Café – bakers & &nosuch; AT&T"


def test_nothing_is_replaced_inside_cdata() -> None:
    assert text("<a>&eacute;<![CDATA[&eacute; <b>]]></a>") == "é&eacute; <b>"


@pytest.mark.parametrize(
    "document",
    [
        '\n  \n<?xml version="1.0"?><a>sound</a>',
        '<!-- first --><?xml version="1.0"?><a>sound</a>',
        '<?xml version="1.0"?>\n<?xml version="1.0" encoding="x"?><a>sound</a>',
        '<?xml version="1.0" encoding="utf-16"?><a>sound</a>',
        "<a>so\x00und</a>",
        "<a>so&#0;u&#x1f;nd</a>",
        "<a>so\ufeffund</a>",
    ],
)
def test_common_damage_is_repaired_silently(document: str) -> None:
    assert text(document) == "sound"


def test_damage_to_the_markup_is_repaired_and_named() -> None:
    tree = read_xml(b"<a><b>one</b><c>two</d></a>")

    assert tree.repaired is not None
    assert "two" in (text_of(tree.root) or "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<nitf><body><body.content><p>", "</p></body.content></body></nitf>"),
        ("<rss><channel><item><title>Lock</title><description>", "</description></item></channel></rss>"),
        ("<mediawiki><page><title>Lock</title><revision><text>", "</text></revision></page></mediawiki>"),
        ("<release><title>Lock</title><body>", "</body></release>"),
        ("<NewsML><NewsItem><ContentItem><DataContent>", "</DataContent></ContentItem></NewsItem></NewsML>"),
        ("<newsItem><contentSet><inlineXML><p>", "</p></inlineXML></contentSet></newsItem>"),
    ],
    ids=lambda text: text[1:9],
)
def test_an_article_says_that_its_file_had_to_be_repaired_and_where(before: str, after: str) -> None:
    assert "line 1" in (article(f"{before}{LEAD}</x>{after}").repaired or "")
    assert article(f"{before}{LEAD}{after}").repaired is None


def test_a_document_that_ends_early_is_refused_as_truncated() -> None:
    assert refusal("<a><b>one</b><c>tw") is Reason.TRUNCATED


def test_nesting_beyond_reason_is_refused() -> None:
    assert refusal("<a>" * 100_000) in {Reason.TOO_DEEP, Reason.TRUNCATED}


def test_glued_documents_are_refused_rather_than_half_read() -> None:
    assert refusal("<a>one</a><a>two</a>") is Reason.NOT_WELLFORMED
    assert refusal('<?xml version="1.0"?><a>one</a><?xml version="1.0"?><a>two</a>') is Reason.NOT_WELLFORMED


def test_each_of_several_records_with_paragraphs_in_them_is_an_article() -> None:
    records = articles(
        f'<stories><story id="1"><title>A</title><body><p>{LEAD}</p></body></story>'
        f'<story id="2"><title>B</title><body><p>{SECOND}</p></body></story></stories>'
    )

    assert [(story.uid, story.headline, story.body) for story in records] == [
        ("1", "A", LEAD),
        ("2", "B", SECOND),
    ]


@pytest.mark.parametrize(
    "record",
    [
        (
            "<document><head><title>Lock to close</title></head>"
            "<body><para>{0}</para><para>{1}</para></body></document>"
        ),
        "<r><headline>Lock to close</headline><text>{0}&lt;br&gt;&lt;br&gt;{1}</text></r>",
        (
            "<r><title>Lock to close</title><text><paragraph>{0}</paragraph>"
            "<paragraph>{1}</paragraph></text></r>"
        ),
        (
            '<article xmlns="http://docbook.org/ns/docbook"><info><title>Lock to close</title></info>'
            "<para>{0}</para><para>{1}</para></article>"
        ),
        (
            "<?xml version='1.0'?><article><headline>Lock to close</headline>"
            "<content><p>{0}</p><p>{1}</p></content></article>"
        ),
        (
            "<?xml version='1.0'?><article><front><article-title>Lock to close</article-title></front>"
            "<body><sec><p>{0}</p></sec><sec><p>{1}</p></sec></body></article>"
        ),
    ],
)
def test_paragraphs_are_found_under_whichever_name(record: str) -> None:
    story = article(record.format(LEAD, SECOND))

    assert (story.headline, story.body) == ("Lock to close", f"{LEAD}\n\n{SECOND}")


def test_an_items_own_number_comes_before_the_id_of_its_element() -> None:
    story = article(
        f'<newsitem itemid="2286" id="root" date="1996-08-20"><headline>Lock to close</headline>'
        f"<dateline>HARROWBY 1996-08-20</dateline><text><p>{LEAD}</p></text></newsitem>"
    )

    assert story.uid == "2286"
    assert story.dateline is not None
    assert story.dateline.text == "HARROWBY"


@pytest.mark.parametrize(
    "data",
    [
        "<project><name>lock-tool</name><description>A tool that does many things.</description></project>",
        '{"name": "lock-tool", "version": "1.0.0", "description": "A tool that does a great many things."}',
    ],
)
def test_a_name_and_a_description_are_no_article(data: str) -> None:
    with pytest.raises(ArticleRejected) as rejected:
        read(data)
    assert rejected.value.reason is Reason.SCHEMA
