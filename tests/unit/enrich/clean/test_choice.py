"""Which blocks of a page are its article, and whom the choice asks."""

import pytest
import trafilatura

from services.enrich.clean.choice import extract
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
