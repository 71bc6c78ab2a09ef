"""Dumps and plain text."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.enrich.clean.lines import is_markdown, lines
from services.enrich.clean.text import clean_dump, clean_plain
from services.errors import ArticleRejected, Reason
from services.models import Block, BlockKind

SENTENCE = (
    "The council of Lower Wexley voted on Tuesday to close the old bridge for eighteen months of repairs."
)
SECOND = "Residents said the detour would add half an hour to the way to school, and asked for a ferry."
THIRD = "“We have heard them,” the mayor told reporters, “and there will be a boat before the winter comes.”"


def kept(blocks):
    return [block.text for block in blocks if block.kept]


def body(blocks):
    return "\n\n".join(kept(blocks))


def kinds(blocks, text):
    return [block.kind for block in blocks if text in block.text]


def test_a_headline_and_three_paragraphs_survive():
    page = clean_dump(f"Bridge to close for repairs\n\n{SENTENCE}\n\n{SECOND}\n\n{THIRD}")
    assert page.headline == "Bridge to close for repairs"
    assert kept(page.blocks) == [SENTENCE, SECOND, THIRD]


def test_a_brief_of_two_sentences_survives():
    page = clean_dump("The bridge is closed. It opens again in May.")
    assert kept(page.blocks) == ["The bridge is closed. It opens again in May."]


def test_a_subheading_stays_in_the_body_as_a_heading():
    page = clean_dump(
        f"Bridge to close\n\n{SENTENCE}\n\n{SECOND}\n\nA boat before "
        f"winter\n\n{THIRD}\n\n{SENTENCE[:-1]} again."
    )
    assert Block(kind=BlockKind.HEADING, text="A boat before winter") in page.blocks


def test_markdown_leaves_no_marks_in_the_stored_text():
    page = clean_dump(
        f"# Bridge to close\n\nBy [Ada Byrne](https://example.org/ada)\n\n**{SENTENCE}**\n\n"
        f"Residents [said](https://example.org/a_(b)) the *detour* would add half an hour, at \\$5 a "
        f"trip.\n\n{THIRD}\n"
    )
    assert page.headline == "Bridge to close"
    assert page.authors == ("Ada Byrne",)
    assert kept(page.blocks)[:2] == [
        SENTENCE,
        "Residents said the detour would add half an hour, at $5 a trip.",
    ]


def test_lines_above_the_body_give_byline_date_source_and_subjects():
    page = clean_dump(
        f"Bridge to close\n\nBy Ada Byrne\n\nThe Wexley Argus, March 3, 2024\n\nRegion: "
        f"[North](#)\n\n{SENTENCE}\n\n{SECOND}\n\n{THIRD}"
    )
    assert page.byline == "Ada Byrne"
    assert page.published == datetime(2024, 3, 3, tzinfo=UTC)
    assert [(subject.scheme, subject.name) for subject in page.subjects] == [("region", "North")]


@pytest.mark.parametrize(
    "top",
    [
        "Council to close the bridge\n\nBy Ada Byrne\n\nOur picture of the year was taken in the hills",
        "Council to close the bridge\n\n3 March 2024\n\nSubscribers read it in our morning letter",
        "Home > Council to close the bridge\n\nCouncil to close the bridge\n\nThe sea is rough today",
    ],
)
def test_the_headline_of_a_dump_speaks_of_what_its_article_speaks_of(top):
    menu = "Weather and tides\n\nSports of the region\n\nHouses for sale in the county"
    page = clean_dump(f"{menu}\n\n{top}\n\n{SENTENCE}\n\n{SECOND}\n\n{THIRD}")
    assert page.headline == "Council to close the bridge"


@pytest.mark.parametrize(
    "signed",
    [
        "By\n\nAda Byrne",
        "Author of the article:\n\nAda Byrne",
        "Kommentar von Ada Byrne",
        "Ada Byrne\n\n3 March 2024",
        "3 March 2024, 9:30\n\nAda Byrne",
        "Ada Byrne · Argus News · 3 March 2024",
        "Ada Byrne, 3 March 2024",
    ],
)
def test_a_byline_may_stand_below_its_opening_or_beside_the_date(signed):
    page = clean_dump(f"Bridge to close\n\n{signed}\n\n{SENTENCE}\n\n{SECOND}\n\n{THIRD}")
    assert page.authors == ("Ada Byrne",)


def test_author_and_date_may_stand_below_the_first_paragraph():
    signed = "By Ada Byrne, 3 March 2024, 9:30"
    page = clean_dump(f"Bridge to close\n\n{SENTENCE}\n\n{signed}\n\n{SECOND}\n\n{THIRD}\n\n{SENTENCE}")
    assert page.authors == ("Ada Byrne",)
    assert page.published == datetime(2024, 3, 3, 9, 30, tzinfo=UTC)


def test_what_stands_below_a_brief_names_neither_its_author_nor_its_date():
    page = clean_dump(f"Bridge to close\n\n{SENTENCE} {SECOND} {THIRD}\n\nBy Mark Penn\n\n3 March 2017")
    assert page.authors == ()
    assert page.published is None


@pytest.mark.parametrize(
    "line", ["Reading Time", "Get Started", "Foto von Ada Byrne", "Contact: Ada Byrne", "Last Update:"]
)
def test_other_lines_beside_the_date_name_no_author(line):
    page = clean_dump(f"Bridge to close\n\n{line}\n\n3 March 2024\n\n{SENTENCE}\n\n{SECOND}\n\n{THIRD}")
    assert page.authors == ()


@pytest.mark.parametrize(
    "top",
    [
        "3 March 2024\n\nBridge to close",
        "Bridge to close\n\n3 March 2024 Reading time: 5 min.",
        "Bridge to close\n\nAda Byrne · Argus News · Posted: 3 March 2024 | Last Updated: March 3",
    ],
)
def test_the_date_of_a_dump_stands_above_or_below_its_headline_among_other_words(top):
    page = clean_dump(f"Weather\n\n{top}\n\n{SENTENCE}\n\n{SECOND}\n\n{THIRD}")
    assert page.published == datetime(2024, 3, 3, tzinfo=UTC)


def test_of_two_dates_in_a_row_the_first_is_that_of_publication_and_of_a_span_none():
    def published(line):
        return clean_dump(f"Bridge to close\n\n{line}\n\n{SENTENCE}\n\n{SECOND}\n\n{THIRD}").published

    assert published("3 March 2024 5 March 2024") == datetime(2024, 3, 3, tzinfo=UTC)
    assert published("3 March 2024 - 5 March 2024") is None


def test_a_book_advertised_below_gives_neither_author_nor_date():
    page = clean_dump(
        f"Bridge to close\n\n{SENTENCE}\n\n{SECOND}\n\n{THIRD}\n\nThe Argus announces the release of "
        f"Mark Penn’s book\n\n"
        "Penn walked every bridge of the county and found a story under each of them, told with warmth.\n\n"
        "ISBN: 978-0-0000-0000-0\n\nAuthor: Mark Penn\n\nYear: 2017\n\nSpecial Price: $9.95\n\nClick to order"
    )
    assert kept(page.blocks) == [SENTENCE, SECOND, THIRD]
    assert page.authors == ()
    assert page.byline is None
    assert page.published is None
    assert kinds(page.blocks, "Penn walked") == [BlockKind.PROMOTION]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Featured image is from the county archive.", BlockKind.IMAGE_CREDIT),
        ("Copyright © The Wexley Argus, 2024", BlockKind.COPYRIGHT),
        ("Read more: Ferry fares to rise", BlockKind.RELATED),
        ("Subscribe to our newsletter", BlockKind.CALL_TO_ACTION),
        ("Lesen Sie auch: Die Brücke von Wexley", BlockKind.RELATED),
        ("Articles by: Ada Byrne", BlockKind.AUTHOR_FOOTER),
        ("For media inquiries: desk@argus.example", BlockKind.CONTACT),
        (
            "Disclaimer: The contents of this article are the sole responsibility of its author.",
            BlockKind.DISCLAIMER,
        ),
    ],
)
def test_noise_below_the_article_is_cut_and_named(line, kind):
    page = clean_dump(f"Bridge to close\n\n{SENTENCE}\n\n{SECOND}\n\n{THIRD}\n\n{line}")
    assert kept(page.blocks) == [SENTENCE, SECOND, THIRD]
    assert kinds(page.blocks, line[:12]) == [kind]


def test_words_that_end_like_an_offer_are_none():
    prices = "Harbour prices rose again, said the council, and labour prices with them, for the third time."
    page = clean_dump(f"Prices rise\n\n{prices}\n\n{SENTENCE}\n\n{prices[:-1]} this year.\n\n{SECOND}")
    assert kept(page.blocks)[-4:] == [prices, SENTENCE, f"{prices[:-1]} this year.", SECOND]


def test_readers_comments_under_a_dump_are_cut_and_named():
    menu = "\n".join(f"Section {number}" for number in range(20))
    talk = "\n\n".join(f"Reader {n} says:\n\n{THIRD} That makes {n} of us, and {SECOND}" for n in range(5))
    story = f"{SENTENCE} {SECOND}\n\n{THIRD} {SENTENCE}\n\n{SECOND} {THIRD}"
    page = clean_dump(f"{menu}\n\nBridge to close\n\n{story}\n\n5 Comments\n\n{talk}")
    assert body(page.blocks).endswith(story)
    assert BlockKind.COMMENT in kinds(page.blocks, "of us")


def test_hard_wrapped_lines_become_paragraphs_again():
    wrapped = (
        "The council of Lower Wexley voted on Tuesday to close the old bridge\n"
        "for eighteen months of repairs, the first since it was built by the\n"
        "railway company in 1887.\n\n"
        "Residents said the detour would add half an hour to the way to school,\n"
        "and asked for a ferry."
    )
    assert [block.text for block in clean_plain(wrapped)] == [
        SENTENCE[:-1] + ", the first since it was built by the railway company in 1887.",
        "Residents said the detour would add half an hour to the way to school, and asked for a ferry.",
    ]


def test_text_without_spaces_between_words_survives():
    first = (
        "橋の補修工事のため、町議会は火曜日、旧橋を十八か月閉鎖することを決めた。住民は渡し船を求めている。"
    )
    second = "町長は記者団に対し「冬までには船を用意する」と述べた。工事は来年の春に始まる予定だという。"
    page = clean_dump(f"旧橋、補修で閉鎖へ\n\n{first}\n\n{second}")
    assert kept(page.blocks) == [first, second]
    assert page.language == "ja"


def test_text_without_words_is_rejected():
    with pytest.raises(ArticleRejected) as caught:
        clean_dump(" \n\n --- \n *** \n")
    assert caught.value.reason is Reason.NO_TEXT


MARKED = st.text(
    alphabet=st.sampled_from(list("ab Z.\n\n*_#[]()>`|\\-&;<p/1:!ä漢\u2028\x00\ud7ff")), max_size=200
)


#: No marks: what stands escaped or behind other marks may read as one when those are off.
PLAIN = st.text(alphabet=st.sampled_from(list("ab Z.\n\n,:!?'\"()12ä漢é\u2028\xa0")), max_size=200)


@settings(max_examples=300, deadline=None)
@given(PLAIN)
@example("-\xa00")
def test_plain_text_cleans_to_itself_once_clean(text):
    once = body(clean_plain(text))
    assert body(clean_plain(once)) == once


@settings(max_examples=300, deadline=None)
@given(MARKED | st.text(max_size=300))
def test_any_text_is_cleaned_or_rejected_and_no_block_is_empty(text):
    try:
        page = clean_dump(text)
    except ArticleRejected:
        return
    assert any(block.kept for block in page.blocks)
    for block in page.blocks:
        assert block.text == block.text.strip() != ""
        assert not re.search(r"\[\w+\]\(\w+\)|<p>", block.text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_lines_end_as_any_system_ends_them(end):
    assert [line.text for line in lines(f"The bridge{end}is shut{end}{end}till May")] == [
        "The bridge",
        "is shut",
        "till May",
    ]
    assert lines(f"The bridge{end}{end}is shut")[1].gap == 1


@pytest.mark.parametrize(
    "text",
    ["# Bridge to close", "It is\n## shut", "Bridge\n=====\nShut", "See [it](/bridge)", "**Shut** till May"],
)
def test_markdown_is_known_by_any_of_its_marks(text):
    assert is_markdown(text)


@pytest.mark.parametrize("text", ["#bridge is shut", "No. # 5", "a === b", "2 ** 3", "[it] (was)"])
def test_the_same_signs_in_prose_are_no_markdown(text):
    assert not is_markdown(text)
