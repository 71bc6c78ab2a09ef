"""Where the readers' comments begin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.clean.choice import settle_pieces
from services.enrich.clean.comments import begin, is_heading, signed

STORY = "The council of Lower Wexley voted on Tuesday to close the old bridge for repairs. " * 4


@pytest.mark.parametrize(
    "line",
    [
        "12 Comments",
        "1,204 comments so far",
        "3 responses to “Bridge to close”",
        "Comments (7)",
        "Top Rated Comments",
        "Leave a Reply",
        "4 Kommentare zu „Brücke gesperrt“",
        "Leserkommentare",
        "Schreiben Sie einen Kommentar",
        "2 commentaires",
        "Deja un comentario",
        "Комментарии (3)",
    ],
)
def test_a_line_that_counts_names_or_invites_comments_heads_them(line):
    assert is_heading(line)


@pytest.mark.parametrize(
    "line",
    [
        "Kommentar",  # the genre of an opinion piece
        "Comment",
        "Kommentare:",  # a field of a teaser
        "comments on my blog posts. It pulls out the best",
        "Comments by the minister drew protest from all sides.",
        "The 12 comments were read out in the council.",
        "Response to the flood",
    ],
)
def test_words_of_the_article_do_not(line):
    assert not is_heading(line)


def test_a_link_to_the_comments_above_the_body_heads_nothing():
    texts = ["Bridge to close", "12 Comments", STORY, "12 Comments", "I knew it all along."]
    assert begin(texts, np.array([False, False, True, False, True])) == 3


def test_without_comments_the_page_ends_with_its_last_block():
    assert begin([STORY], np.array([True])) == 1


@pytest.mark.parametrize(
    "lines",
    [
        ["Ann Pell on May 3, 2024 at 9:12 am said:"],
        ["1. Ann Pell says:", "May 3, 2024 at 9:12 am"],
        ["Ann Pell sagt:", "3. Mai 2024 um 9:12 Uhr"],
        ["Ann Pell dit :", "le 3 mai 2024"],
    ],
)
def test_a_reader_who_signs_with_a_moment_begins_the_comments(lines):
    assert signed([STORY, *lines, "I knew it all along."]) == 1


@pytest.mark.parametrize(
    "lines",
    [
        ["Ann Pell said:", "“Nobody wanted this.”"],
        ["Bridge is closed, Ann Pell says", "May 3, 2024 at 9:12 am"],  # a headline with its date
        ["Ann Pell, the mayor since 2019, who had the bridge closed, said on Tuesday in the council:"],
    ],
)
def test_what_somebody_says_in_the_article_does_not(lines):
    texts = [STORY, *lines, "The piers have moved."]
    assert signed(texts) == len(texts)


def test_comments_that_outweigh_the_article_do_not_take_its_place():
    likely = np.array([0.3, 0.1, 0.9, 0.9, 0.9])
    texts = [
        "An open thread, says the blog.",
        "Ann Pell on May 3, 2024 at 9:12 am said:",
        STORY,
        STORY,
        STORY,
    ]
    said = [verdict.name for verdict in settle_pieces(likely, texts)]
    assert said == ["BODY", "OTHER", "COMMENT", "COMMENT", "COMMENT"]


def test_a_page_of_nothing_but_signed_posts_keeps_them():
    likely = np.array([0.05, 0.1, 0.9])
    texts = ["Menu", "Ann Pell on May 3, 2024 at 9:12 am said:", STORY]
    assert [verdict.name for verdict in settle_pieces(likely, texts)] == ["OTHER", "OTHER", "BODY"]


@given(st.lists(st.tuples(st.text(max_size=60), st.booleans())))
def test_any_blocks_are_searched(blocks):
    texts, chosen = [text for text, _ in blocks], [is_body for _, is_body in blocks]
    assert 0 <= begin(texts, np.array(chosen, dtype=bool)) <= len(texts)
