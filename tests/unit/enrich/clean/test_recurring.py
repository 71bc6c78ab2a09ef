import pytest

from services.enrich.clean.recurring import (
    Furniture,
    Line,
    Site,
    known_lines,
    lines_of,
    recurring,
    site_of,
    with_spared,
    without_recurring,
)
from services.models import Article, Block, BlockKind

CALL = "Support independent reporting from the harbour with a gift this autumn."
MENU = "Tide tables, ferry times and harbour dues"


def story(number, *, kept=(), cut=(), sentences=6):
    """An article with prose of its own above what its site adds."""
    own = [
        f"Ferry {number} carried {number * 7 + each} cars on day {each} of the week."
        for each in range(sentences)
    ]
    return Article(
        uid=f"https://example.com/{number}",
        url=f"https://www.example.com/{number}",
        headline=f"Ferry {number} sails again",
        blocks=(
            *(Block(kind=BlockKind.PARAGRAPH, text=text) for text in own),
            *(Block(kind=BlockKind.PARAGRAPH, text=text) for text in kept),
            *(Block(kind=BlockKind.OTHER, text=text, kept=False) for text in cut),
        ),
    )


def learnt(stories):
    articles, lines = recurring([lines_of(each) for each in stories])
    return articles, {line.sample: line for line in lines}


def known(*stories):
    return {line.hash: line.doubted for line in recurring([lines_of(each) for each in stories])[1]}


def body(article):
    return article.body.split("\n\n")


def test_a_line_that_the_cleaner_doubts_is_learnt_from_five_articles_on_and_from_half_of_them():
    assert learnt([story(n, cut=[CALL]) for n in range(4)]) == (4, {})
    articles, lines = learnt([story(n, cut=[CALL]) for n in range(5)])
    assert articles == 5
    assert (lines[CALL].articles, lines[CALL].kept) == (5, 0)
    half = [story(n, cut=[CALL] if n < 6 else []) for n in range(12)]
    assert set(learnt(half)[1]) == {CALL}
    fewer = [story(n, cut=[CALL] if n < 6 else []) for n in range(13)]
    assert learnt(fewer) == (13, {})


def test_a_line_that_the_cleaner_always_keeps_is_learnt_only_from_nearly_all_of_many_articles():
    assert learnt([story(n, kept=[CALL]) for n in range(9)])[1] == {}
    assert set(learnt([story(n, kept=[CALL]) for n in range(10)])[1]) == {CALL}
    # The background of a running story stands in many articles, too.
    some = [story(n, kept=[CALL] if n % 4 else []) for n in range(20)]
    assert learnt(some)[1] == {}


def test_headings_that_every_article_has_are_not_learnt():
    heading = Block(kind=BlockKind.HEADING, text="What happens next in the harbour of Newhaven?")
    stories = [
        each.model_copy(update={"blocks": (*each.blocks[:3], heading, *each.blocks[3:])})
        for each in (story(n) for n in range(20))
    ]
    assert learnt(stories) == (20, {})


def test_short_lines_are_not_learnt_for_a_menus_word_is_another_articles_heading():
    assert learnt([story(n, cut=["Politics", "Read more", "12:30"]) for n in range(20)])[1] == {}
    assert set(learnt([story(n, cut=["登录后即可阅读全文并参与评论和讨论"]) for n in range(5)])[1]) == {
        "登录后即可阅读全文并参与评论和讨论"
    }


def test_lines_of_a_menu_are_counted_one_by_one_and_however_they_are_written():
    stories = [story(n, cut=[f"Home\n{MENU}\nContact"]) for n in range(4)]
    stories.append(story(4, cut=[MENU.upper().replace(", ", " · ")]))
    (line,) = learnt(stories)[1].values()
    assert line.articles == 5


def test_versions_and_copies_of_one_article_count_once():
    first = story(1)
    versions = [
        first.model_copy(
            update={"uid": f"v{n}", "headline": f"Update {n}", "blocks": (*first.blocks[n:], *extra)}
        )
        for n in range(3)
        for extra in [tuple(story(100 + n, sentences=1).blocks)]
    ]
    copies = [first.model_copy(update={"uid": f"copy-{n}"}) for n in range(20)]
    assert learnt([*versions, *copies]) == (1, {})
    articles, lines = learnt([*versions, *copies, *(story(n) for n in range(2, 6))])
    assert (articles, lines) == (5, {})


def test_the_body_of_an_agency_that_many_articles_share_is_not_learnt():
    shared = [f"The agency reported passage {n} through the strait of Newhaven today." for n in range(8)]
    assert learnt([story(n, kept=shared, sentences=4) for n in range(30)])[1] == {}


def test_broken_pages_that_all_end_in_the_same_notice_are_articles_of_their_own():
    notice = [f"Clause {n} of the terms of use of this harbour and its website." for n in range(4)]
    whole = [story(n, cut=notice) for n in range(4)]
    broken = [story(n, kept=notice, sentences=1) for n in range(4, 7)]
    articles, lines = learnt([*whole, *broken])
    assert articles == 7
    assert set(lines) == set(notice)


def test_what_was_learnt_is_cut_and_stays_visible():
    article = story(50, kept=[CALL])
    marked = without_recurring(article, known(*(story(n, cut=[CALL]) for n in range(5))))
    assert CALL not in marked.body
    assert body(marked) == body(article)[:-1]
    assert Block(kind=BlockKind.RECURRING, text=CALL, kept=False) in marked.blocks
    assert len(marked.blocks) == len(article.blocks)


def test_an_article_keeps_the_words_that_other_pages_show_as_its_teaser():
    teaser = "The ferry to Saltmarsh will sail on Sundays again, for the first time in nine years."
    lines = known(*(story(n, cut=[teaser]) for n in range(5)))
    own = story(6)
    first = own.model_copy(update={"blocks": (Block(kind=BlockKind.PARAGRAPH, text=teaser), *own.blocks)})
    assert without_recurring(first, lines) is first
    later = story(7, kept=[teaser])
    assert teaser not in without_recurring(later, lines).body
    said = later.model_copy(update={"standfirst": teaser})
    assert without_recurring(said, lines) is said


def test_a_body_is_never_emptied_nor_loses_most_of_what_the_cleaner_trusts():
    everything = story(1, kept=[CALL])
    doubted = {line.hash: True for line in lines_of(everything)}
    assert without_recurring(everything, dict.fromkeys(doubted, False)) is everything
    most = {line.hash: False for line in lines_of(everything)[1:]}
    assert without_recurring(everything, most) is everything
    assert body(without_recurring(everything, doubted)) == body(everything)[:2]


def test_lines_that_a_person_has_spared_stay_so_when_the_site_is_learnt_anew():
    at = "2026-05-01T08:00:00Z"
    lines = [Line(hash=name, sample=name, articles=9, kept=0) for name in ("a", "b")]
    new = Site(site="example.com", articles=9, learnt=at, by="copydesk/1", lines=lines)
    gone = Line(hash="c", sample="c", articles=5, kept=0, spared=True)
    old = new.model_copy(update={"lines": (lines[0].model_copy(update={"spared": True}), gone)})
    merged = with_spared(new, old)
    assert [(line.hash, line.spared) for line in merged.lines] == [("a", True), ("b", False), ("c", True)]
    assert known_lines(merged) == {"b": True}
    assert with_spared(new, None) == new


@pytest.mark.parametrize(
    ("url", "key", "site"),
    [
        ("https://www.Example.com:8080/a", "wire/a.html", "example.com"),
        ("https://desk.example.com/a", "a.html", "desk.example.com"),
        ("http://[broken/a", "wire/a.html", "wire/"),
        (None, "wire/deep/a.txt", "wire/"),
        (None, "../../etc/passwd", "../"),
        (None, "/a.txt", None),
        (None, "a.txt", None),
    ],
)
def test_a_site_is_the_host_of_the_address_else_the_folder_of_the_drop(url, key, site):
    assert site_of(Article(uid="a", url=url), key) == site


def test_lines_are_only_cut_from_articles_of_their_site_unless_a_record_is_named():
    lines = known(*(story(n, cut=[CALL]) for n in range(5)))
    article = story(9, kept=[CALL])
    assert Furniture(sites={"example.com": lines}).of(article, "a.html") == lines
    assert Furniture(sites={"example.org": lines}).of(article, "a.html") == {}
    assert Furniture(everywhere=lines).of(Article(uid="a"), "a.txt") == lines
    assert Furniture(sites={"example.com": lines}).of(Article(uid="a"), "a.txt") == {}
