import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.clean.delivered import trimmed
from services.models import Block, BlockKind

STORY = (
    "The harbour bridge will close until October, the council said on Monday.",
    "Read more slowly and you will see that the plan was never put to a vote, said Anna Bright. " * 2,
    "Ferries will run instead.",
)


def body(*texts):
    return [Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts]


def kept(blocks):
    return [block.text for block in trimmed(blocks) if block.kept]


@pytest.mark.parametrize(
    "tail",
    [
        ["The post Harbour bridge closes appeared first on Coastline Desk."],
        ["Share this:", "X", "Facebook"],
        ["Continue reading"],
        ["12 comments"],
        ["Share this:", "X", "Like this:", "Like Loading...", "Leave a comment"],
        ["Copyright Visayas Tribune 2025"],
        ["Follow our Viber channel for storm updates.", "Copyright Visayas Tribune 2025"],
        ["Namib Newsroom is funded by its readers. Donate here."],
        ["(Southern Wire)"],
        ["EMBARGOED: not for release before 6 a.m. on 1 January 2099"],
    ],
    ids=lambda tail: tail[0][:30],
)
def test_what_systems_append_is_cut_and_the_story_kept(tail):
    assert kept(body(*STORY, *tail)) == list(STORY)


def test_a_link_line_between_paragraphs_is_cut():
    assert kept(body(STORY[0], "ALSO READ: Ferry sailings resume in the strait", *STORY[1:])) == list(STORY)


def test_what_was_cut_is_still_there_with_its_name():
    blocks = trimmed(body(*STORY, "(Southern Wire)"))
    assert (blocks[-1].kind, blocks[-1].text, blocks[-1].kept) == (
        BlockKind.COPYRIGHT,
        "(Southern Wire)",
        False,
    )


@pytest.mark.parametrize("last", ["Ferries will run instead.", "(He was joking.)", "Results:", "Newhaven"])
def test_a_story_may_end_as_it_likes(last):
    assert kept(body(*STORY, last))[-1] == last


@given(st.lists(st.text(min_size=1, max_size=60), max_size=12))
def test_no_block_is_lost_or_changed(texts):
    blocks = body(*texts)
    assert [block.text for block in trimmed(blocks)] == texts


@given(st.lists(st.text(min_size=1, max_size=60), max_size=12))
def test_cutting_twice_is_cutting_once(texts):
    once = trimmed(body(*texts))
    assert trimmed(once) == once
