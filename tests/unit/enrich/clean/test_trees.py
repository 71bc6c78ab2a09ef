"""Trained trees, evaluated for a page at once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.clean.trees import Trees

COUNT, LEVELS, COLUMNS = 70, 3, 5  # more trees than those that settle what is hopeless


@given(st.integers(0, 2**32 - 1), st.integers(0, 30), st.sampled_from([-9.0, 0.0]))
def test_each_row_is_led_from_question_to_question_to_one_leaf_a_tree(seed, rows, bias):
    chance = np.random.default_rng(seed)
    trees = Trees(
        column=chance.integers(0, COLUMNS, (COUNT, LEVELS), dtype=np.int32),
        border=chance.integers(0, 4, (COUNT, LEVELS)).astype(np.float32),
        leaves=chance.normal(size=(COUNT, 2**LEVELS)).astype(np.float32) / 10,
        bias=bias,
    )
    matrix = chance.integers(0, 4, (rows, COLUMNS)).astype(np.float32)
    expected = []
    for row in matrix:
        score = bias
        for tree in range(COUNT):
            if tree == 60 and score <= -4.0:
                break
            leaf = sum(
                2**level
                for level in range(LEVELS)
                if row[trees.column[tree, level]] > trees.border[tree, level]
            )
            score += float(trees.leaves[tree, leaf])
        expected.append(score)
    assert np.allclose(trees.score(matrix), expected, atol=1e-4)
