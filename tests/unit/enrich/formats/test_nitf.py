from datetime import UTC, datetime

import pytest

from services.errors import ArticleRejected, Reason
from services.models import BlockKind, Status
from tests.unit.enrich.formats.reading import LEAD, SECOND, article, read


def nitf(
    body: str = f"<p>{LEAD}</p><p>{SECOND}</p>", *, docdata: str = "", attributes: str = "", head: str = ""
) -> str:
    return (
        f'<?xml version="1.0"?><nitf><head><title>Slug</title><docdata {attributes}>'
        f'<doc-id id-string="lock.1" regsrc="test.example"/><date.issue norm="20240923T101500Z"/>'
        f"{docdata}</docdata>"
        f"{head}</head><body><body.head><hedline><hl1>Lock to close</hl1></hedline>"
        "<byline>By ANA EXAMPLE<byttl>Test Wire</byttl></byline><distributor><org>Test "
        "Wire</org></distributor>"
        f"<dateline><location>HARROWBY</location></dateline></body.head><body.content>"
        f"{body}</body.content></body></nitf>"
    )


def test_the_fields_of_a_story_are_read() -> None:
    story = article(
        nitf(
            docdata='<urgency ed-urg="4"/><du-key key="LOCK" version="3"/>'
            '<key-list><keyword key="lock"/></key-list>',
            head='<tobject><tobject.subject tobject.subject.refnum="04015000" '
            'tobject.subject.matter="transport"/></tobject>',
        )
    )

    assert (story.uid, story.version, story.headline) == ("lock.1", "3", "Lock to close")
    assert (story.byline, story.authors, story.source) == ("By ANA EXAMPLE", ("ANA EXAMPLE",), "Test Wire")
    assert story.published == datetime(2024, 9, 23, 10, 15, tzinfo=UTC)
    assert (story.urgency, story.keywords, story.story) == (4, ("lock",), "LOCK")
    assert [(subject.scheme, subject.code) for subject in story.subjects] == [("subj", "04015000")]
    assert story.dateline is not None
    assert story.dateline.text == "HARROWBY"
    assert story.body == f"{LEAD}\n\n{SECOND}"


def test_a_namespace_changes_nothing() -> None:
    assert (
        article(nitf().replace("<nitf>", '<nitf xmlns="http://iptc.org/std/NITF/2006-10-18/">')).uid
        == "lock.1"
    )


def test_a_release_equal_to_the_issue_is_no_embargo_and_a_later_one_is() -> None:
    assert article(nitf(docdata='<date.release norm="20240923T101500Z"/>')).embargo is None
    held = article(nitf(docdata='<date.release norm="20240924T060000Z"/>'))
    assert held.embargo == datetime(2024, 9, 24, 6, tzinfo=UTC)
    assert held.status is Status.USABLE


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("canceled", Status.CANCELED),
        ("cancelled", Status.CANCELED),
        ("withheld", Status.WITHHELD),
        ("usable", Status.USABLE),
    ],
)
def test_the_status_is_read(written: str, status: Status) -> None:
    assert article(nitf(attributes=f'management-status="{written}"')).status is status


def test_a_kill_needs_no_text() -> None:
    kill = article(nitf("", attributes='management-status="canceled"'))

    assert (kill.status, kill.uid, kill.headline, kill.body) == (
        Status.CANCELED,
        "lock.1",
        "Lock to close",
        "",
    )


def test_the_document_that_a_kill_acts_on_is_a_link() -> None:
    kill = article(nitf(attributes='management-doc-idref="lock.0" management-idref-status="canceled"'))

    assert [(link.rel, link.target) for link in kill.links] == [("canceled", "lock.0")]


def test_a_story_without_text_is_refused() -> None:
    with pytest.raises(ArticleRejected) as rejected:
        read(nitf(""))
    assert rejected.value.reason is Reason.NO_TEXT


def test_a_line_break_inside_a_sentence_is_a_blank() -> None:
    assert article(nitf("<p>Officials in <br/>Harrowby said</p>")).body == "Officials in Harrowby said"


def test_inline_names_stay_in_their_sentence() -> None:
    assert article(
        nitf("<p>In <location>Harrowby</location>, <person>Ana Example</person>'s lock.</p>")
    ).body == ("In Harrowby, Ana Example's lock.")


def test_scripts_vanish_and_escaped_embed_codes_are_cut() -> None:
    story = article(nitf(f"<p>{LEAD}<script>alert(1)</script></p><p>&lt;img src=x onerror=alert(2)&gt;</p>"))

    assert story.body == LEAD
    assert "alert" not in story.model_dump_json()


def test_tables_lists_headings_and_captions_keep_their_kind() -> None:
    story = article(
        nitf(
            f"<hl2>Gates</hl2><p>{LEAD}</p><ul><li>upper</li></ul><table><tr><td>a</td><td>1</td>"
            f"</tr></table>"
            "<media><media-caption>The lock</media-caption></media><bq>Well.</bq>"
        )
    )

    assert [block.kind for block in story.blocks] == [
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.LIST_ITEM,
        BlockKind.TABLE,
        BlockKind.CAPTION,
        BlockKind.QUOTE,
    ]


@pytest.mark.parametrize("sign_off", ["ends", "AFP sn", "AAP RTV ar", "/ritzau/", "(©NTB)", "___"])
def test_an_agencys_sign_off_is_not_body(sign_off: str) -> None:
    assert article(nitf(f"<p>{LEAD}</p><p>{sign_off}</p>")).body == LEAD


def test_notes_to_editors_are_kept_apart() -> None:
    story = article(nitf(docdata='<ed-msg info="RECASTS lead"/>'))

    assert story.editorial_note == "RECASTS lead"
    assert "RECASTS" not in story.body


@pytest.mark.parametrize("written", ["YYYYMMDD000000-HHMM", "not a date", "99990101T000000Z"])
def test_a_date_that_cannot_be_is_left_out(written: str) -> None:
    assert article(nitf().replace("20240923T101500Z", written)).published is None


def test_a_version_counted_at_the_end_of_the_id_is_no_part_of_it() -> None:
    story = article(nitf().replace("lock.1", "NBRP240923_101500_ja_02"))

    assert (story.uid, story.version) == ("NBRP240923_101500_ja", "02")


def test_an_agencys_marks_before_a_headline_are_left_out() -> None:
    assert article(nitf().replace("<hl1>Lock", "<hl1>&gt;&gt;&gt;*Lock")).headline == "Lock to close"
