"""Which of a page's titles is its headline: what is printed weighed against what its data state.

Titles are written for readers (``h1``, JSON-LD), for sharing (``og:title``) and for search (``title``),
and carry site names, sections and kickers. The weights follow how often each was a page's headline
where they disagree on the development pages: the printed one most often.
"""

import re
from collections.abc import Iterable, Sequence

_SEPARATOR = re.compile(r"\s+[|ǀ│–—·•»«›‹:/-]+\s+|\s*[|ǀ│｜»]\s*|\s+::\s+|(?<=\S) - ")
#: A site's name behind a title in Chinese or Japanese, where no space parts them.
_EAST_TAIL = re.compile(r"(?<=[\u3040-\u9fff！？。」])[-_][\u3040-\u9fff]{2,8}$")
_LEAD = re.compile(r"(?:\s*[|ǀ–—·•»›:!/-]+|:)\s*$")
#: Against JSON-LD 1.2, og:title 1.1, twitter:title 0.6 and title 0.3: the title a reader sees wins over those
#: written for machines (the last two are mostly copies of og:title) unless JSON-LD stands with them.
_PRINTED = 2.2
_ALONE = 1.75  # one printed title that shares few words with any other
_LONGEST_SITE = 40
_LONG_HOST = 5


def choose(
    printed: Sequence[str], stated: Iterable[tuple[str | None, float]], site: str | None, host: str = ""
) -> tuple[str | None, tuple[str, ...]]:
    """The headline, and every title of the page without its site's name.

    Args:
        printed: the texts of the page's ``h1`` elements, in order.
        stated: each title of the page's data with its weight.
        site: the site's name, where the page says it.
        host: the name of its machine, for a site that is called like it.

    """
    raw = [(text, weight) for text, weight in stated if text]
    own = [text for text in printed if not _names_site(text, raw, site, host)]
    said = [
        (_without_around(strip_site(text, site, host), own, key(site or "") + host), weight)
        for text, weight in raw
    ]
    titles = (*printed, *(text for text, _ in said))
    votes: dict[str, float] = {}
    spelled: dict[str, str] = {}
    for text, weight in said:
        votes[key(text)] = votes.get(key(text), 0.0) + weight
        spelled.setdefault(key(text), text)
    headline, weight = _headline(own, [text for text, _ in said])
    if headline is not None:
        headline = _without_overline(strip_site(headline, site, host), [text for text, _ in said])
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


def _names_site(text: str, stated: Sequence[tuple[str, float]], site: str | None, host: str) -> bool:
    """Whether a printed title is the site's name: said so, like its address, or before each story's title."""
    own = key(text)
    if not own or own == key(site or "") or own == host.replace("-", ""):
        return True
    for title, _ in stated:
        rest = title[len(text) :]
        if title.startswith(text) and (lead := re.match(r"\s*[|–—·•»:-]+\s*", rest)):
            tail = key(rest[lead.end() :])
            if tail and any(key(other) == tail for other, _ in stated):
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
    """A printed headline without the line above it in the same ``h1``: what the page states is its end."""
    if key(text) in map(key, stated):
        return text
    return next(
        (
            other
            for other in stated
            if len(_words(other)) > 2 and len(other) < len(text) and text.endswith(other)
        ),
        text,
    )


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
