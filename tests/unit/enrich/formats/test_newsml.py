from datetime import UTC, datetime

import pytest

from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, Status
from tests.unit.enrich.formats.reading import LEAD, SECOND, article, articles, read

PAGE = f"<inlineXML><html><body><h1>Lock to close</h1><p>{LEAD}</p><p>{SECOND}</p></body></html></inlineXML>"


def g2(
    content: str = PAGE,
    *,
    meta: str = "",
    about: str = "<headline>Lock to close</headline>",
    kind: str = "ninat:text",
    guid: str = "urn:test:1",
) -> str:
    return (
        f'<newsItem guid="{guid}" version="4" xml:lang="en-GB"><itemMeta><itemClass qcode="{kind}"/>'
        '<provider literal="test.example"/><versionCreated>2024-09-23T10:15:00Z</versionCreated>'
        f"<firstCreated>2024-09-23T10:00:00Z</firstCreated>{meta}</itemMeta>"
        f"<contentMeta>{about}</contentMeta><contentSet>{content}</contentSet></newsItem>"
    )


def message(*items: str) -> str:
    space = "http://iptc.org/std/nar/2006-10-01/"
    return f'<newsMessage xmlns="{space}"><itemSet>{"".join(items)}</itemSet></newsMessage>'


def test_a_g2_item_is_read() -> None:
    story = article(
        g2(
            about="<headline rank='3'>Works</headline><headline rank='1'>Lock to close</headline>"
            "<by>By Ana Example</by><dateline>HARROWBY, Sept 23 (Test)</dateline><urgency>4</urgency>"
            '<subject qcode="medtop:20000892"><name>sport</name></subject><subject qcode="own:77"/>'
            '<infoSource literal="Test Wire"/>'
        )
    )

    assert (story.uid, story.version, story.language) == ("urn:test:1", "4", "en-GB")
    assert (story.headline, story.kicker, story.byline) == ("Lock to close", "Works", "By Ana Example")
    assert (story.source, story.provider, story.urgency) == ("Test Wire", "test.example", 4)
    assert story.dateline is not None
    assert story.dateline.text == "HARROWBY"
    assert [(s.scheme, s.code, s.name) for s in story.subjects] == [
        ("medtop", "20000892", "cycling"),
        ("own", None, "77"),
    ]
    assert story.published == datetime(2024, 9, 23, 10, tzinfo=UTC)
    assert story.body == f"{LEAD}\n\n{SECOND}"


def test_a_message_holds_several_items_and_pictures_are_none_of_them() -> None:
    stories = articles(message(g2(), g2(kind="ninat:picture", guid="urn:p:1"), g2(guid="urn:test:2")))

    assert [story.uid for story in stories] == ["urn:test:1", "urn:test:2"]


def test_a_subject_that_points_to_an_iptc_code_has_it() -> None:
    about = '<subject qcode="own:1"><name>Bahn</name><sameAs qcode="medtop:20000340"/></subject>'

    assert [subject.code for subject in article(g2(about=about)).subjects] == ["20000340"]


@pytest.mark.parametrize(
    "root", ["packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem"]
)
def test_what_is_no_news_item_is_ignored(root: str) -> None:
    with pytest.raises(FileIgnored):
        read(f'<{root} xmlns="http://iptc.org/std/nar/2006-10-01/" guid="x"/>')


@pytest.mark.parametrize(
    "written", ['qcode="stat:canceled"', 'uri="http://cv.iptc.org/newscodes/pubstatusg2/canceled"']
)
def test_a_g2_kill_needs_no_text(written: str) -> None:
    kill = article(g2("<inlineXML><html/></inlineXML>", meta=f"<pubStatus {written}/>"))

    assert (kill.status, kill.uid, kill.headline, kill.body) == (
        Status.CANCELED,
        "urn:test:1",
        "Lock to close",
        "",
    )


def test_an_embargo_is_a_date_and_not_a_status() -> None:
    held = article(g2(meta="<embargoed>2024-09-24T06:00:00Z</embargoed>"))

    assert (held.status, held.embargo) == (Status.USABLE, datetime(2024, 9, 24, 6, tzinfo=UTC))
    assert article(g2(meta="<embargoed/>")).embargo is None


def test_what_is_not_for_publication_is_nowhere() -> None:
    story = article(
        g2(
            PAGE.replace("</body>", '<section class="np-nonpublic"><p>+44 000 secret</p></section></body>'),
            meta='<edNote pubconstraint="x:nonpublic">+44 111 secret</edNote>'
            "<edNote>Corrects the date</edNote>",
        )
    )

    assert story.editorial_note == "Corrects the date"
    assert "secret" not in story.model_dump_json()


def test_an_item_without_text_is_refused_alone() -> None:
    good, bad = read(message(g2(), g2("<inlineXML><html/></inlineXML>", guid="urn:test:2")))

    assert isinstance(good, Article)
    assert not isinstance(bad, Article)
    assert (bad.reason, bad.item) == (Reason.NO_TEXT, "urn:test:2")


def test_nitf_inside_g2_gives_its_fields() -> None:
    document = (
        "<inlineXML><nitf><body><body.head><hedline><hl1>From NITF</hl1></hedline><byline>By Bo Test</byline>"
        f"</body.head><body.content><p>{LEAD}</p></body.content></body></nitf></inlineXML>"
    )
    story = article(g2(document, about=""))

    assert (story.headline, story.byline, story.body) == ("From NITF", "By Bo Test", LEAD)


def newsml(
    component: str,
    *,
    status: str = "Usable",
    public: str = "urn:newsml:test.example:20240923:LOCK1:2",
    extra: str = "",
) -> str:
    return (
        "<NewsML><NewsEnvelope><SentFrom><Party FormalName='Test Wire'/></SentFrom></NewsEnvelope><NewsItem>"
        "<Identification><NewsIdentifier><ProviderId>test.example</ProviderId><DateId>20240923</DateId>"
        f"<NewsItemId>LOCK1</NewsItemId><RevisionId>2</RevisionId><PublicIdentifier>"
        f"{public}</PublicIdentifier>"
        "</NewsIdentifier></Identification><NewsManagement><FirstCreated>20240923T101500Z</FirstCreated>"
        f'<Status FormalName="{status}"/>{extra}</NewsManagement><NewsComponent>'
        f"{component}</NewsComponent></NewsItem></NewsML>"
    )


LINES = (
    "<NewsLines><HeadLine>Lock to close</HeadLine>"
    "<DateLine>Harrowby, 23 Sept 2024 (TW)</DateLine></NewsLines>"
)
TEXT = f"<ContentItem><DataContent><p>{LEAD}</p></DataContent></ContentItem>"


def test_newsml_1_is_read_and_its_revision_is_no_part_of_the_identity() -> None:
    story = article(newsml(LINES + TEXT))

    assert (story.uid, story.version) == ("urn:newsml:test.example:20240923:LOCK1", "2")
    assert (story.headline, story.source, story.body) == ("Lock to close", "Test Wire", LEAD)
    assert story.dateline is not None
    assert story.dateline.text == "Harrowby"


def test_a_constant_in_place_of_the_public_identifier_is_no_identity() -> None:
    assert article(newsml(TEXT, public="urn:newsml:test.example")).uid == "LOCK1"


@pytest.mark.parametrize("status", ["Canceled", "CANCELED"])
def test_a_newsml_1_kill_needs_no_text(status: str) -> None:
    assert article(newsml(LINES, status=status)).status is Status.CANCELED


def test_a_status_that_will_change_is_an_embargo() -> None:
    change = (
        "<StatusWillChange><FutureStatus FormalName='Usable'/>"
        "<DateAndTime>20240924T060000Z</DateAndTime></StatusWillChange>"
    )
    held = article(newsml(TEXT, status="Embargoed", extra=change))

    assert (held.status, held.embargo) == (Status.USABLE, datetime(2024, 9, 24, 6, tzinfo=UTC))
    assert article(newsml(TEXT, status="Embargoed")).status is Status.WITHHELD


def test_style_sheets_and_captions_are_no_body() -> None:
    extra = "".join(
        f"<NewsComponent><Role FormalName='{role}'/><ContentItem><DataContent>{'secret ' * 50}</DataContent>"
        "</ContentItem></NewsComponent>"
        for role in ("StyleSheet", "Caption", "Contact")
    )

    assert article(newsml(LINES + TEXT + extra)).body == LEAD


def test_a_story_in_two_languages_is_two_articles() -> None:
    part = (
        "<NewsComponent xml:lang='{0}'>"
        + LINES
        + "<ContentItem><DataContent>{1}</DataContent></ContentItem></NewsComponent>"
    )
    stories = articles(
        newsml(part.format("nl", "De sluis gaat dicht.") + part.format("fr", "L'écluse ferme."))
    )

    assert [(story.uid[-3:], story.language) for story in stories] == [("CK1", "nl"), (":fr", "fr")]


def test_an_index_is_ignored() -> None:
    with pytest.raises(FileIgnored):
        read(newsml("<NewsItemRef/>"))


def test_a_parameter_entity_of_another_file_is_not_fetched() -> None:
    dtd = '<!DOCTYPE NewsML [<!ENTITY % nitf SYSTEM "nitf-3-0.dtd"> %nitf; ]>'

    assert article(dtd + newsml(LINES + TEXT)).body == LEAD


def test_bare_text_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises((ArticleRejected, FileIgnored)):
        read("<NewsML/>")


def test_the_vocabularys_own_name_beats_the_senders() -> None:
    about = (
        '<subject qcode="medtop:15000000"><name>Sportnachrichten</name></subject>'
        '<subject qcode="subj:15054000"/>'
    )

    assert [(s.scheme, s.name) for s in article(g2(about=about)).subjects] == [
        ("medtop", "sport"),
        ("subj", "soccer"),
    ]
