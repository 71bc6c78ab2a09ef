"""Which of a page's titles is its headline: what is printed weighed against what its data state.

Titles are written for readers (``h1``, JSON-LD), for sharing (``og:title``) and for search (``title``),
and carry site names, sections and kickers. The weights follow how often each was a page's headline
where they disagree on the development pages: the printed one most often.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

_SEPARATOR = re.compile(r"\s+[|ǀ│–—·•»«›‹:/-]+\s+|\s*[|ǀ│｜»]\s*|\s+::\s+|(?<=\S) - ")
#: A site's name behind a title in Chinese or Japanese, where no space parts them.
_EAST_TAIL = re.compile(r"(?<=[\u3040-\u9fff！？。」])[-_][\u3040-\u9fff]{2,8}$")
_LEAD = re.compile(r"(?:\s*[|ǀ–—·•»›:!/-]+|:)\s*$")
#: The title a reader sees wins over those written for machines (the last two are mostly copies of the one for
#: sharing) unless JSON-LD stands with them.
_WEIGHTS = (1.2, 1.1, 0.6, 0.3)  # as in Stated
_PRINTED = 2.2
_ALONE = 1.75  # one printed title that shares few words with any other
_LONGEST_SITE = 40
_LONG_HOST = 5
_BEGINNING = 2  # words


class Stated(NamedTuple):
    """The titles of a page's data."""

    linked: str | None = None  # JSON-LD
    shared: str | None = None  # og:title
    tweeted: str | None = None  # twitter:title
    title: str | None = None


def choose(
    printed: Sequence[str], stated: Stated, site: str | None, host: str = ""
) -> tuple[str | None, tuple[str, ...]]:
    """The headline, and every title of the page without its site's name.

    Args:
        printed: the texts of the page's ``h1`` elements, in order.
        stated: the titles of its data.
        site: the site's name, where the page says it.
        host: the name of its machine, for a site that is called like it.

    """
    raw = [text for text in stated if text]
    own = [text for text in printed if not _names_site(text, raw, site, host)]
    around = key(site or "") + host
    bare = Stated(*(text and _without_around(strip_site(text, site, host), own, around) for text in stated))
    said = [text for text in bare if text]
    titles = (*printed, *said)
    votes: dict[str, float] = {}
    spelled: dict[str, str] = {}
    for text, weight in zip(bare, _WEIGHTS, strict=True):
        if text:
            votes[key(text)] = votes.get(key(text), 0.0) + weight
            spelled.setdefault(key(text), text)
    headline, weight = _headline(own, said)
    if headline is not None:
        headline = _without_overline(strip_site(headline, site, host), said)
        if _changes(headline, bare):
            return bare.linked, titles
        votes[key(headline)] = votes.get(key(headline), 0.0) + weight
        spelled[key(headline)] = headline
    if not votes:
        return None, titles
    return spelled[max(votes, key=votes.__getitem__)], titles


def _headline(printed: Sequence[str], stated: Sequence[str]) -> tuple[str | None, float]:
    """The printed title that is this article's: a page may print sections and other stories as large."""
    said = [_words(text) for text in stated]
    for text in printed:
        words = _words(text)
        if words and any(len(words & each) * 2 > len(words | each) for each in said):
            return text, _PRINTED
    return (printed[0], _ALONE) if len(printed) == 1 else (None, 0.0)


def _changes(printed: str, stated: Stated) -> bool:
    """Whether JSON-LD and ``title`` say one thing, the title for sharing another and the printed a third.

    It is then written for the moment, above a live report for example, and the first two are the story's.
    """
    if not (stated.linked and stated.shared and stated.title):
        return False
    story = key(stated.linked)
    return (
        story == key(stated.title)
        and key(printed) not in map(key, filter(None, stated))
        and story != key(stated.shared)
    )


def _names_site(text: str, stated: Sequence[str], site: str | None, host: str) -> bool:
    """Whether a printed title is the site's name: said so, like its address, or before each story's title."""
    own = key(text)
    if not own or own == key(site or "") or own == host.replace("-", ""):
        return True
    for title in stated:
        rest = title[len(text) :]
        if title.startswith(text) and (lead := re.match(r"\s*[|–—·•»:-]+\s*", rest)):
            tail = key(rest[lead.end() :])
            if tail and any(key(other) == tail for other in stated):
                return True
    return False


def _without_around(text: str, printed: Sequence[str], around: str) -> str:
    """A title without what stands behind the printed headline in it, or the site's name before it.

    What a colon joins to its front is as often the headline's own kicker, and stays.
    """
    for own in printed:
        if len(own) > 10 and text.startswith(own) and re.match(r"\s*[|ǀ–—·•»›:,/-]|\s*$", text[len(own) :]):
            return own
        if len(own) > 10 and text.endswith(own) and (lead := _LEAD.search(text[: -len(own)])):
            before = key(text[: lead.start()])
            if before in around or ":" not in lead.group():
                return own
    return text


def _without_overline(text: str, stated: Sequence[str]) -> str:
    """A printed headline without the line above it in the same ``h1``: what the page states is its end.

    A word or two in front that no mark parts from it ("The", "Most") begin the headline.
    """
    if key(text) in map(key, stated):
        return text
    for other in stated:
        lead = text[: -len(other)].rstrip()
        apart = bool(lead) and (not lead[-1].isalnum() or len(lead.split()) > _BEGINNING)
        if apart and len(_words(other)) > 2 and text.endswith(other):
            return other
    return text


def strip_site(text: str, site: str | None, host: str = "") -> str:
    """A title without the site's name, or that of its machine, at its end or start."""
    text = _EAST_TAIL.sub("", text)
    parts = list(_SEPARATOR.finditer(text))
    if not parts:
        return text
    last, first = parts[-1], parts[0]
    tail, head = text[last.end() :], text[: first.start()]
    own = key(site or "")
    if own and (key(tail) == own or (len(key(tail)) > 3 and (key(tail) in own or own in key(tail)))):
        return strip_site(text[: last.start()].strip(), site, host)
    called = key(host)
    if called and (key(tail) == called or (len(called) >= _LONG_HOST and called in key(tail))):
        return strip_site(text[: last.start()].strip(), site, host)
    if own and key(head) == own:
        return text[first.end() :].strip()
    if (
        any(mark in last.group() for mark in "|ǀ│｜")
        and len(tail) <= _LONGEST_SITE
        and len(text[: last.start()]) > len(tail)
    ):
        return strip_site(text[: last.start()].strip(), site, host)
    return text


def key(text: str) -> str:
    """A title's letters and digits alone, to compare by."""
    return re.sub(r"\W+|\.(?:com|org|net|de|co|uk)\b", "", text.casefold())


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
