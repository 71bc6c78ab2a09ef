"""Numbers about each block of a page and about those around it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.clean.features import FIRST, LAST, counts, gaps, own

SIZE, LOWER, UPPER, WIDE, DIGIT, SPACE, STOP, COMMA, ENDS = 0, 1, 2, 4, 5, 6, 7, 8, 13
TEXTS = st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6)


def test_characters_are_counted_by_what_they_are():
    first, second, third = counts(["Ada, 42.", "橋は閉鎖。", "x"]).tolist()
    assert [first[column] for column in (SIZE, LOWER, UPPER, DIGIT, SPACE, STOP, COMMA)] == [
        8,
        2,
        1,
        2,
        1,
        1,
        1,
    ]
    assert (second[SIZE], second[WIDE], second[STOP]) == (5, 4, 1)
    assert (third[SIZE], third[LOWER], third[ENDS]) == (1, 1, 0)


@given(TEXTS)
def test_the_blocks_of_a_page_are_counted_as_each_alone_but_for_the_line_end_between_them(texts):
    together = counts(texts)
    alone = np.concatenate([counts([text]) for text in texts])
    alone[:-1, 10] += 1
    assert np.array_equal(together, alone)


@given(TEXTS)
def test_a_block_ends_a_sentence_when_one_of_its_last_three_characters_does(texts):
    ends = counts(texts)[:, ENDS]
    assert ends.tolist() == [any(char in ".!?…。！？।؟۔｡" for char in text[-3:]) for text in texts]


def test_years_clocks_addresses_and_signs_are_seen_where_they_stand():
    texts = [
        "Monday 8:30",
        "March 2024 and May 2025",
        "ada@argus.example",
        "see argus.com",
        "£5 (off)",
        "plain",
    ]
    none = np.zeros(len(texts), dtype=np.float32)
    matrix, names = own(texts, none, none, none)
    seen = {
        name: matrix[:, names[name]].tolist() for name in ("clock", "year", "mail", "web", "money", "bracket")
    }
    assert seen == {
        "clock": [1, 0, 0, 0, 0, 0],
        "year": [0, 2, 0, 0, 0, 0],
        "mail": [0, 0, 1, 0, 0, 0],
        "web": [0, 0, 0, 1, 0, 0],
        "money": [0, 0, 0, 0, 1, 0],
        "bracket": [0, 0, 0, 0, 1, 0],
    }


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_gaps_count_the_blocks_to_the_last_and_to_the_next_that_is_marked(rows):
    masks = np.array(rows).T
    found = gaps(masks)
    assert len(found) == 4
    for mask, before, after in zip(masks, found[::2], found[1::2], strict=True):
        marked = np.flatnonzero(mask)
        for row in range(len(rows)):
            past = [row - other for other in marked if other < row]
            coming = [other - row for other in marked if other > row]
            assert before[row] == min(40, *past, row + 50)
            assert after[row] == min(40, *coming, len(rows) + 50 - row)


def test_the_columns_that_the_network_looks_classes_up_by_are_where_it_looks():
    nothing = np.zeros(1)
    matrix, names = own(["Bridge shut."], nothing, nothing, nothing)
    assert (names["first"], names["last"]) == (FIRST, LAST)
    assert matrix[0, [FIRST, LAST]].tolist() == [UPPER, STOP]
