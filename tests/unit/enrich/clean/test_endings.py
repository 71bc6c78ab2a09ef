"""The mark below which a story is over."""

import numpy as np
import pytest

from services.enrich.clean.choice import settle_lines
from services.enrich.clean.endings import end, is_mark

STORY = "The council of Lower Wexley voted on Tuesday to close the old bridge for repairs. " * 4


@pytest.mark.parametrize(
    "line",
    ["-30-", "– 30 –", "ENDS", "-ends-", "--- END ---", "(END)", "###", "# # #",
     "Our Standards: The Thomson Reuters Trust Principles."],
)  # fmt: skip
def test_what_agencies_and_press_offices_set_below_their_stories_is_a_mark(line):
    assert is_mark(line)


@pytest.mark.parametrize(
    "line",
    [
        "30",
        "The season ends",
        "* * *",
        "Ends",
        "Our standards: how we choose what we sell",
        "#bridge",
        "End of May",
    ],
)
def test_words_and_breaks_of_a_story_are_none(line):
    assert not is_mark(line)


def test_a_mark_ends_the_story_only_below_it():
    texts = ["###", STORY, "ENDS", STORY]
    assert end(texts, np.array([False, True, False, True])) == 2
    assert end(texts[:2], np.array([False, True])) == 2


def test_marks_that_recur_part_the_items_of_a_digest():
    texts = [STORY, "###", STORY, "###", STORY]
    assert end(texts, np.array([True, False, True, False, True])) == len(texts)


def test_prose_below_the_mark_is_not_the_article():
    texts = [
        STORY,
        "###",
        "Acme is the largest maker of bridges in the world, and has been for a hundred years.",
    ]
    said = [verdict.name for verdict in settle_lines(np.array([0.9, 0.1, 0.9]), texts)]
    assert said == ["BODY", "OTHER", "OTHER"]
