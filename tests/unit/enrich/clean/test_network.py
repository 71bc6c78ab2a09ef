"""The network that sees each block among its neighbours, evaluated for a page at once."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.clean import signals
from services.enrich.clean.features import CLASSES, FIRST, LAST
from services.enrich.clean.judge import Judge
from services.enrich.clean.lines import lines
from services.enrich.clean.network import DILATIONS, LIMIT, TINY, Network

COLUMNS, WIDTH = 16, 3


def network(chance):
    def drawn(*shape):
        return chance.normal(size=shape).astype(np.float32)

    layers = len(DILATIONS)
    return Network(
        mean=drawn(COLUMNS), scale=drawn(COLUMNS), enter=drawn(COLUMNS, WIDTH), entered=drawn(WIDTH),
        first=drawn(CLASSES, WIDTH), final=drawn(CLASSES, WIDTH), near=drawn(layers, 3 * WIDTH, WIDTH),
        page=drawn(layers, WIDTH, WIDTH), bias=drawn(layers, WIDTH), back=drawn(layers, WIDTH, WIDTH),
        last=drawn(WIDTH, WIDTH), lasted=drawn(WIDTH), out=drawn(WIDTH), base=drawn(1),
    )  # fmt: skip


def page(chance, blocks):
    matrix = chance.normal(size=(blocks, COLUMNS)).astype(np.float32) * 3
    matrix[:, [FIRST, LAST]] = chance.integers(0, CLASSES, (blocks, 2))
    return matrix


def normal(values):
    return values / np.sqrt((values**2).mean() + TINY)


@given(st.integers(0, 2**32 - 1), st.integers(1, 45))
def test_each_layer_looks_at_a_block_at_those_a_step_away_and_at_the_mean_of_the_page(seed, blocks):
    chance = np.random.default_rng(seed)
    net, matrix = network(chance), page(chance, blocks)
    states = [
        np.clip((row - net.mean) * net.scale, -LIMIT, LIMIT) @ net.enter
        + net.entered
        + net.first[int(row[FIRST])]
        + net.final[int(row[LAST])]
        for row in matrix
    ]
    for layer, step in enumerate(DILATIONS):
        seen = [normal(state) for state in states]
        mean = np.mean(seen, axis=0)
        for at in range(blocks):
            around = [
                seen[other] if 0 <= other < blocks else np.zeros(WIDTH)
                for other in (at - step, at, at + step)
            ]
            found = np.concatenate(around) @ net.near[layer] + mean @ net.page[layer] + net.bias[layer]
            states[at] = states[at] + np.maximum(found, 0) @ net.back[layer]
    expected = [
        float(np.maximum(normal(state) @ net.last + net.lasted, 0) @ net.out + net.base[0])
        for state in states
    ]
    assert np.allclose(net.score(matrix), expected, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("blocks", [1, 20, 3000])
def test_pages_of_any_length_get_a_number_for_each_block(blocks):
    chance = np.random.default_rng(blocks)
    score = network(chance).score(page(chance, blocks))
    assert score.shape == (blocks,)
    assert np.isfinite(score).all()


def test_an_odd_number_says_no_more_than_four_standard_deviations():
    chance = np.random.default_rng(7)
    net, matrix = network(chance), page(chance, 5)
    matrix[2, 0] = 1e9 * np.sign(net.scale[0])
    far = net.score(matrix)
    matrix[2, 0] = net.mean[0] + LIMIT / net.scale[0]
    assert np.allclose(net.score(matrix), far, atol=1e-4)


def test_the_shipped_judge_knows_a_story_from_the_menu_around_it():
    menu = ["Home", "World", "Sport", "Subscribe", "Sign in"]
    story = [
        "The council of Lower Wexley voted on Tuesday to close the old bridge for eighteen months.",
        "Two ferries will run in the meantime, said the mayor, Ann Pell, and they will be free.",
        "“Nobody wanted this,” she said. “But the piers have moved by four inches since March.”",
        "Shopkeepers on the north bank fear for their trade, and ask the county for help with the rent.",
    ]
    found = lines("\n\n".join([*menu, *story, *menu]))
    likely = Judge.load("lines").probability(signals.line_features(found))
    in_story = np.array([line.text in story for line in found])
    assert likely[in_story].min() > 10 * likely[~in_story].max()


@pytest.mark.parametrize(("given", "used"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "4"}, "4")])
def test_a_process_multiplies_on_one_core_unless_told_otherwise(given, used):
    plain = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    code = "import services.cli, os; print(os.environ['OPENBLAS_NUM_THREADS'])"
    said = subprocess.run(
        [sys.executable, "-c", code], env=plain | given, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == used
