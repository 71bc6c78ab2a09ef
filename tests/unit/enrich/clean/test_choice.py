"""Which blocks of a page are its article, and whom the choice asks."""

import numpy as np
import pytest
import trafilatura

from services.enrich.clean.choice import extract, settle_lines
from services.enrich.clean.dom import parse

STORY = "".join(
    f"<p>The council of Lower Wexley voted on Tuesday to close bridge {number} for eighteen months.</p>"
    for number in range(8)
)
LINKS = "<ul><li><a href='/ferry'>Ferry fares to rise before the winter, says the county</a></li></ul>"


FREE = "<p>Two ferries will run, says the county, and they are free.</p>"
SHUT = "<p>The pier is shut from Monday morning on, for nobody has a key to it.</p>"
SIGN = '<script type=\'application/ld+json\'>{"@type": "DiscussionForumPosting"}</script>'


@pytest.mark.parametrize(
    "body",
    [
        f"<nav>{LINKS}</nav><article>{STORY}<aside><p>Also in Wexley.</p></aside> and so on</article>",
        f"<article><nav><nav>{LINKS}</nav></nav>{STORY}<nav>{SHUT}</nav>{FREE}</article>",
        f"<article><svg><svg><text>A map</text></svg></svg>{STORY}<svg><text>B</text></svg>{FREE}</article>",
        f"<article>{STORY}<figure><aside><table><td>Shut</table></aside>{FREE}</figure></article>",
        f"<div class='infinite-scroll'><footer><h1>Bridge to close</h1></footer>{STORY}</div>",
        f"{SIGN}<article>{STORY}<dl class='comments'><dd>{STORY}</dd></dl></article>",
    ],
    ids=["furniture", "nested", "drawings", "table in a figure", "headline in a footer", "forum"],
)
def test_the_extractor_says_the_same_of_a_page_without_what_it_would_throw_away(body):
    page = f"<html><head><style>p {{}}</style></head><body><script>let a</script>{body}</body></html>"
    whole = trafilatura.extract(parse(page), favor_precision=True, fast=True, include_comments=False)
    assert whole
    assert extract(parse(page)) == whole


def kept(lines):
    """What is kept of lines, of which the judge is sure of those that are sentences."""
    likely = np.array([0.9 if line.endswith((".", ":")) else 0.02 for line in lines])
    verdicts = settle_lines(likely, lines)
    return [line for line, verdict in zip(lines, verdicts, strict=True) if verdict.name == "BODY"]


INTRO = "The county said on Tuesday that these bridges will be closed until the spring of next year:"
OUTRO = "Nobody knows yet who will pay for the repairs, which will cost ten million pounds at least."


def test_what_a_colon_announces_is_kept_up_to_the_next_sentence():
    lines = ["Menu", INTRO, "Wexley Bridge", "Mill Bridge, Lower Wexley", OUTRO, "Sport"]
    assert kept(lines) == lines[1:5]


@pytest.mark.parametrize(
    "between",
    [
        ["Wexley Bridge", "Read more: Ferries to run all night"],  # furniture inside it
        [f"Bridge {number}" for number in range(60)],  # longer than any list
    ],
)
def test_what_holds_furniture_or_goes_on_for_pages_is_no_announced_list(between):
    assert kept([INTRO, *between, OUTRO]) == [INTRO, OUTRO]


def test_without_a_colon_short_lines_are_not_kept():
    assert kept([OUTRO, "Wexley Bridge", OUTRO]) == [OUTRO, OUTRO]
