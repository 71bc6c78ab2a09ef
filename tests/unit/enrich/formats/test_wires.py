from datetime import UTC, datetime

import pytest

from services.enrich.formats import parse
from services.errors import FileIgnored
from services.models import BlockKind, Status
from tests.unit.enrich.formats.reading import LEAD, SECOND, article, articles, raw, read

STORY_7901 = (
    "\x01tca0123 4 i 211  twa 061\r\n\nHarrowby-lock/\r\n\x02{words}Lock to close in Harrowby "
    "until\r\nOctober{byline} =\r\n\n"
    "   Harrowby (twa) - Officials said on Monday that the old lock will close\r\nuntil the end "
    "of October.\r\n\n"
    "   The repairs were ordered after inspectors found two cracks.\r\n\n"
    "# Notebook\r\n\n## Internet links\r\n- [lock](http://test.example)\r\n\n* * * *\r\n"
    "The following information is not intended for publication\r\n\n- Tel: +44 000 "
    "secret\r\n\ntwa ab cd\r\n\r\n"
    "\x03231015 GMT Sep 24\r\n\x7f\n\x7f\x04"
)


def iptc7901(words: str = "", byline: str = "") -> str:
    return STORY_7901.format(words=words, byline=byline)


def test_a_7901_frame_is_read() -> None:
    story = article(iptc7901())

    assert story.headline == "Lock to close in Harrowby until October"
    assert story.uid == "twa:tca0123:2024-09-23"
    assert story.published == datetime(2024, 9, 23, 10, 15, tzinfo=UTC)
    assert (story.source, story.urgency) == ("twa", 4)
    assert story.dateline is not None
    assert story.dateline.text == "Harrowby"


def test_wrapped_lines_are_joined_and_the_notebook_is_cut() -> None:
    assert article(iptc7901()).body == (
        "Harrowby (twa) - Officials said on Monday that the old lock will close until the end of October.\n\n"
        "The repairs were ordered after inspectors found two cracks."
    )


def test_what_is_not_for_publication_is_gone_and_the_notebook_is_shown_as_cut() -> None:
    story = article(iptc7901())

    assert "secret" not in story.model_dump_json()
    assert any(block.kind is BlockKind.EDITORIAL_NOTE and not block.kept for block in story.blocks)


def test_version_words_and_byline_are_no_headline() -> None:
    story = article(iptc7901("REFILE\n1ST LEAD\n", "\nBy Ana Example, Test Wire"))

    assert story.headline == "Lock to close in Harrowby until October"
    assert (story.editorial_note, story.byline) == ("REFILE, 1ST LEAD", "By Ana Example, Test Wire")


def test_a_kill_in_words_is_a_kill() -> None:
    assert article(iptc7901("KILL\n")).status is Status.CANCELED


def test_many_frames_are_many_stories() -> None:
    assert len(articles(iptc7901() + "\r\n" + iptc7901().replace("tca0123", "tca0124"))) == 2


def test_a_test_pattern_is_ignored() -> None:
    with pytest.raises(FileIgnored):
        read(
            "\x01tca0001 4 rs 46  twa 0027\r\n\nTest/\r\n\x02Test "
            "=\r\n\nryryryryryry\r\n\n\x03242200 GMT Jun 17\r\n\x04"
        )


def test_a_damaged_header_does_not_lose_the_story() -> None:
    story = article(b"\x01\xff\xfe\x00zz\r\n\x02Lock to close\r\n\r\nOfficials said so on Monday.\r\n")

    assert (story.headline, story.body) == ("Lock to close", "Officials said so on Monday.")


ANPA = (
    "\x16\x16\x01W2870\x1fexam\r\nr a\x13\x11 BC-Lock   09-23 0100\r\n"
    "\x02^BC-Harrowby--Lock, 2nd Ld-Writethru,100<\r\n^Lock to close until October<\r\n^TW Photo 1<\r\n"
    "^Eds: UPDATES with quote.<\r\n^By ANA EXAMPLE=\r\n^Staff Writer=\r\n"
    "\t   HARROWBY (TW) _ ``It is fine,'' officials said.\r\n\t   The repairs were ordered\r\nin June.\r\n"
    "\x08^;W;L\x10\r\n\x08Locks;1;2{\x10\r\n^Later=\r\n\t   More.\r\n\r\n\t   "
    "\x03TW-WF-09-23-24 1015GMT<\r\n\r\n\x0c\r\n\x04"
)


def test_an_anpa_transmission_is_read() -> None:
    story = article(ANPA)

    assert parse(raw(ANPA)).format == "anpa"
    assert (story.headline, story.byline, story.version) == (
        "Lock to close until October",
        "By ANA EXAMPLE",
        "2",
    )
    assert story.uid == "TW:BC-Harrowby--Lock:2024-09-23"
    assert story.published == datetime(2024, 9, 23, 10, 15, tzinfo=UTC)
    assert story.editorial_note == "Eds: UPDATES with quote."
    assert [(block.kind, block.text) for block in story.blocks if block.kept][:3] == [
        (BlockKind.PARAGRAPH, "HARROWBY (TW) — “It is fine,” officials said."),
        (BlockKind.PARAGRAPH, "The repairs were ordered in June."),
        (BlockKind.TABLE, "| W | L\nLocks | 1 | 2½"),
    ]


def test_leads_of_one_story_share_its_identity() -> None:
    assert article(ANPA.replace("2nd Ld", "3rd Ld")).uid == article(ANPA).uid


def test_a_transmission_cut_before_its_end_is_read() -> None:
    assert article(ANPA.partition("\x03")[0]).headline == "Lock to close until October"


def test_the_paper_an_anpa_writer_works_for_is_no_text_and_a_heading_is() -> None:
    story = article(ANPA.replace("Staff Writer=", "Harrowby Gazette="))

    assert story.body == article(ANPA).body
    assert "Later" in story.body


def test_an_anpa_kill_is_a_kill() -> None:
    assert article(ANPA.replace("BC-Harrowby--Lock,", "BC-Harrowby--Lock, KILL,")).status is Status.CANCELED


def test_a_signed_frame_is_read() -> None:
    story = article(
        "   ZCZC TWA\n$T\n:Locks\n^LOCK: To close until October\n+15039001\n"
        "HARROWBY, Sept 23 TWA - Officials said so.\n\tMore of it.\n\t   TWA\nNNNN\n"
    )

    assert story.headline == "LOCK: To close until October"
    assert [subject.code for subject in story.subjects] == ["15039001"]
    assert story.body == "HARROWBY, Sept 23 TWA - Officials said so.\n\nMore of it."


def test_a_release_has_its_number_for_an_identity() -> None:
    story = article(
        "Source: Lock Works Ltd\nMEDIA RELEASE PR1234\nLock works open\n\nHARROWBY, Feb. 1, "
        "2024 /Wire/ --\n\n"
        "The works opened on Monday, and everybody who had come to see it\nwas very "
        "pleased.\n\nSOURCE: Lock Works Ltd\n"
    )

    assert (story.uid, story.source, story.headline) == ("PR1234", "Lock Works Ltd", "Lock works open")
    assert story.body.endswith("to see it was very pleased.")


@pytest.mark.parametrize(
    ("start", "place"),
    [
        ("HARROWBY, AAP - ", "HARROWBY"),
        ("ALBANY, NSW - ", "ALBANY, NSW"),
        ("HARROWBY, Vt. - ", "HARROWBY, Vt."),
    ],
)
def test_an_agency_after_the_place_is_no_part_of_the_dateline(start: str, place: str) -> None:
    found = article(f"Lock to close\n\n{start}{LEAD}\n\n{SECOND}").dateline

    assert found is not None
    assert found.text == place
