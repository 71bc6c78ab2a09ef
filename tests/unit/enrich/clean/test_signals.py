"""What is known of a page's pieces beyond their words."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.clean.dom import parse, pieces
from services.enrich.clean.signals import containers

PAGE = """<body><nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li></ul></nav>
<main><h1>Bridge to close</h1><article><p>The council voted.</p><div><p>Residents were not asked.</p></div>
<p>There will be a boat.</p><section><p>It is free.</p></section></article></main>
<footer><p>Lower Wexley</p></footer></body>"""
SHARES = (0, 1, 2, 3)  # of the prose: in a piece's element, and in the first, second and third around it
COUNTS = {4: 1, 5: 2, 14: 0}  # pieces in the first and second element around, and in its own
DIRECT, MAIN, STEPS, HEIGHT = 6, 11, 12, 13


def path(piece):
    """The elements around a piece, innermost first."""
    holder, out = piece.holder, []
    while holder is not None:
        out.append(holder)
        holder = holder.above
    return out


def within(found, holder):
    return [row for row, piece in enumerate(found) if any(each is holder for each in path(piece))]


@given(st.lists(st.sampled_from([0.0, 40.0, 85.5, 400.0]), min_size=9, max_size=9))
def test_the_elements_around_a_piece_are_known_by_the_prose_and_the_pieces_in_them(masses):
    found = pieces(parse(PAGE))
    weight = np.array(masses[: len(found)], dtype=np.float32)
    total = max(1.0, weight.sum())
    columns = containers(found, weight)
    for row, piece in enumerate(found):
        around = path(piece)
        around += 3 * around[-1:]
        for column in SHARES:
            share = sum(weight[other] for other in within(found, around[column])) / total
            assert columns[column][row] == np.float32(share)
        for column, steps in COUNTS.items():
            assert columns[column][row] == len(within(found, around[steps]))


def test_the_element_with_most_prose_right_below_it_is_the_main_one():
    found = pieces(parse(PAGE))
    texts = [piece.text for piece in found]
    weight = np.array([100.0 if text.endswith(".") else 0.0 for text in texts], dtype=np.float32)
    columns = containers(found, weight)
    told = {
        text: (columns[DIRECT][row], bool(columns[MAIN][row]), columns[STEPS][row], columns[HEIGHT][row])
        for row, text in enumerate(texts)
    }
    assert told["The council voted."] == told["There will be a boat."] == (0.5, True, 1, 0)
    assert told["Residents were not asked."] == (0.25, False, 2, 0)
    assert told["Bridge to close"] == (0, False, 1, 1)
    assert told["Home"] == (0, False, 3, 2)
